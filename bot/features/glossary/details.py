"""What there is to know of a term beside its meanings: how else it is written, where it is used,
examples, and the day on which it is looked at again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from bot.features.glossary.models import FormKind
from bot.features.glossary.terms import make_key


@dataclass(slots=True)
class Details:
    """`forms` are kinds and texts by key. What is empty is not said."""

    context: str = ""
    examples: str = ""
    review_on: date | None = None
    forms: dict[str, tuple[FormKind, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.context or self.examples or self.review_on or self.forms)

    def without(self, known: Self) -> "Details":
        """What of these is not known so. A term's name is no other form of it."""
        return Details(
            context=self.context if self.context != known.context else "",
            examples=self.examples if self.examples != known.examples else "",
            review_on=self.review_on if self.review_on != known.review_on else None,
            forms={
                key: (kind, text)
                for key, (kind, text) in self.forms.items()
                if key not in known.forms or known.forms[key][0] not in {kind, FormKind.NAME}
            },
        )

    def add(self, more: Self) -> None:
        """Take over what is not said yet."""
        self.context = self.context or more.context
        self.examples = self.examples or more.examples
        self.review_on = self.review_on or more.review_on
        self.forms = {**more.forms, **self.forms}

    def say(self) -> list[str]:
        """All of it, as people read it."""
        day = self.review_on.isoformat() if self.review_on else ""
        texts = [text for _, text in self.forms.values()]
        return [each for each in (*texts, self.context, self.examples, day) if each]


def key_forms(forms: Mapping[FormKind, Sequence[str]]) -> dict[str, tuple[FormKind, str]]:
    """Forms by key; the same one counts once."""
    found: dict[str, tuple[FormKind, str]] = {}
    for kind, texts in forms.items():
        for text in texts:
            found.setdefault(make_key(text), (kind, text))
    return found
