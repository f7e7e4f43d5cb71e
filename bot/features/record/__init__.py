"""Taking the alliance's record along, and using one that came from elsewhere."""

from bot.features.record.feature import FEATURE

__all__ = ["FEATURE"]
