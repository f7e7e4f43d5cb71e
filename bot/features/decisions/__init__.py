"""Decisions: captured, confirmed, followed through and found again."""

from bot.features.decisions.feature import FEATURE

__all__ = ["FEATURE"]
