"""The roster: who belongs to which partner, who holds which role, who sits on which committee."""

from bot.features.roster.feature import FEATURE

__all__ = ["FEATURE"]
