"""The glossary: terms, what each partner means by them, and quiet checks while people chat."""

from bot.features.glossary.feature import FEATURE

__all__ = ["FEATURE"]
