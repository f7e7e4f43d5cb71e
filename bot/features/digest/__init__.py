"""The weekly digest, for managers who asked for it."""

from bot.features.digest.handlers import FEATURE

__all__ = ["FEATURE"]
