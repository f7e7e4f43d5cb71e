"""The one list of features. Adding one means adding a line here (docs/adding-a-feature.md)."""

from bot.dispatch.feature import Feature, Registry
from bot.features import (
    belonging,
    briefing,
    charter,
    confirmations,
    decisions,
    digest,
    glossary,
    north_star,
    onboarding,
    parting,
    people,
    record,
    reminders,
    roster,
    sharing,
)
from bot.features import help as help_feature

FEATURES: tuple[Feature, ...] = (
    help_feature.FEATURE,
    confirmations.FEATURE,
    people.FEATURE,
    north_star.FEATURE,
    charter.FEATURE,
    reminders.FEATURE,
    roster.FEATURE,
    glossary.FEATURE,
    record.FEATURE,
    belonging.FEATURE,
    parting.FEATURE,
    sharing.FEATURE,
    onboarding.FEATURE,
    briefing.FEATURE,
    decisions.FEATURE,
    digest.FEATURE,
)


def make_registry(
    *extra: Feature, address: str | None = None, operator: str | None = None
) -> Registry:
    """The registry of all features, and of `extra` ones (tests and benchmarks bring some)."""
    return Registry((*FEATURES, *extra), address=address, operator=operator)
