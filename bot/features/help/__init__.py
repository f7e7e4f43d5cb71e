"""Help, made from what the features register."""

from bot.features.help.handlers import FEATURE

__all__ = ["FEATURE"]
