"""Forms: typed inputs, shown as a dialog. Labels and hints are plain text."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from bot.core.views import Block, Option, Part, Text


class TextInput(Part):
    """Words, on one line or several. `live` tells the form's handler of each change."""

    kind: Literal["text_input"] = "text_input"
    name: str
    label: str
    value: str = ""
    hint: str = ""
    placeholder: str = ""
    multiline: bool = False
    required: bool = True
    max_length: int = Field(default=3000, le=3000)
    live: bool = False


class ChoiceInput(Part):
    """One option of several, or any number of them with `multiple`."""

    kind: Literal["choice_input"] = "choice_input"
    name: str
    label: str
    options: tuple[Option, ...]
    selected: tuple[str, ...] = ()
    hint: str = ""
    multiple: bool = False
    required: bool = True
    live: bool = False


class DateInput(Part):
    """A day, as `YYYY-MM-DD`."""

    kind: Literal["date_input"] = "date_input"
    name: str
    label: str
    value: str = ""
    hint: str = ""
    required: bool = True
    live: bool = False


class TimeInput(Part):
    """A time of day, as `HH:MM`."""

    kind: Literal["time_input"] = "time_input"
    name: str
    label: str
    value: str = ""
    hint: str = ""
    required: bool = True
    live: bool = False


class PeopleInput(Part):
    """People of the platform, by their ids there."""

    kind: Literal["people_input"] = "people_input"
    name: str
    label: str
    selected: tuple[str, ...] = ()
    hint: str = ""
    required: bool = True


Input = Annotated[
    TextInput | ChoiceInput | DateInput | TimeInput | PeopleInput,
    Field(discriminator="kind"),
]
INPUT_KINDS = (TextInput, ChoiceInput, DateInput, TimeInput, PeopleInput)


class Form(Part):
    """A dialog. `name` is `feature.verb`; `context` comes back with what was filled in, and is
    trusted for nothing."""

    name: str
    title: str = Field(max_length=24)
    submit: str = Field(max_length=24)
    items: tuple[Annotated[Input | Block, Field(discriminator="kind")], ...]
    context: Mapping[str, str] = {}

    def inputs(self) -> tuple[Input, ...]:
        """The inputs alone, in order."""
        return tuple(item for item in self.items if isinstance(item, INPUT_KINDS))

    def plain_text(self) -> str:
        """Title, explanations and labels, as a reader without a dialog would get them."""
        lines = [self.title]
        lines += [
            item.label if isinstance(item, INPUT_KINDS) else item.plain_text()
            for item in self.items
        ]
        return "\n".join(lines)


def note(text: str) -> Text:
    """A line of explanation among the inputs, in Markdown."""
    return Text(text=text)
