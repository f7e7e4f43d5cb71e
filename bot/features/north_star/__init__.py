"""The North Star: what the alliance is for, its history, and a reminder of it."""

from bot.features.north_star.handlers import FEATURE

__all__ = ["FEATURE"]
