"""The one list of features. Adding one means adding a line here (docs/adding-a-feature.md)."""

from bot.dispatch.feature import Feature, Registry
from bot.features import charter, north_star, people, reminders, roster
from bot.features import help as help_feature

FEATURES: tuple[Feature, ...] = (
    help_feature.FEATURE,
    people.FEATURE,
    north_star.FEATURE,
    charter.FEATURE,
    reminders.FEATURE,
    roster.FEATURE,
)


def make_registry(*extra: Feature) -> Registry:
    """The registry of all features, and of `extra` ones (tests and benchmarks bring some)."""
    return Registry((*FEATURES, *extra))
