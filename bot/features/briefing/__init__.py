"""The briefing book: all that holds in an alliance, as each reader may see it."""

from bot.features.briefing.feature import FEATURE

__all__ = ["FEATURE"]
