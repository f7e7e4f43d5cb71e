"""Setting up an alliance; its channels, members and state; being left alone; taking back."""

from bot.features.people.feature import FEATURE

__all__ = ["FEATURE"]
