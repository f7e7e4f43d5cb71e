"""A partner leaves, an alliance ends; both can be taken back for a while."""

from bot.features.parting.feature import FEATURE

__all__ = ["FEATURE"]
