"""Every partner confirms: who is asked, what they answer, and what becomes of it."""

from bot.features.confirmations.feature import FEATURE

__all__ = ["FEATURE"]
