"""Who belongs where: accounts that are one person's, and people who go and come back."""

from bot.features.belonging.feature import FEATURE

__all__ = ["FEATURE"]
