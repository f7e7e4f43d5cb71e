"""Showing the whole alliance what is one partner's alone: seen first, and only by its manager."""

from bot.features.sharing.feature import FEATURE

__all__ = ["FEATURE"]
