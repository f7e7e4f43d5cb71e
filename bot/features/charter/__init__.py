"""The charter: for the alliance and for each committee, clause by clause; and a reminder that
brings up one clause at a time."""

from bot.features.charter.feature import FEATURE

__all__ = ["FEATURE"]
