"""Onboarding: newcomers are brought in by direct message, a step at a time, in their own hours."""

from bot.features.onboarding.feature import FEATURE

__all__ = ["FEATURE"]
