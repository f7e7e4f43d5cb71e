"""Reminders: a statement or a text that comes round, at moments people choose."""

from bot.features.reminders.feature import FEATURE

__all__ = ["FEATURE"]
