"""What people see, in a form that is no platform's own.

A view is a list of blocks. `Text` and `Note` hold Markdown (emphasis, strong, code, links,
lists); a person or channel is a link whose address is `person:PLATFORM/ID` or
`channel:PLATFORM/ID`. A link to `say:` is words to say to Entente. One to `how:invite` says how it
is brought into a channel, one to `how:pin` how a message is captured by a reaction, one to
`how:file` how a file is handed over: a platform may put its own words there, else the label
stands. What people typed stands in `Quote`, `Fields` and
`Table` as plain text and is never read as markup. Adapters render views natively, escaped and
within their platform's limits.
"""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

_MARKS = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|`(?P<code>[^`]+)`"
    r"|\[(?P<link>(?:\\.|[^\]\\])*)\]\([^)]*\)"
    r"|\*{1,2}|(?<!\w)_|_(?!\w)"
)
_ESCAPED = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]()<>#+-.!|~&"})


def escape(text: str) -> str:
    """`text` as Markdown that shows exactly these characters, on one line."""
    return " ".join(text.split()).translate(_ESCAPED)


def person(platform: str, user: str, name: str) -> str:
    """A typed mention of a person, as Markdown; `name` is shown on other platforms."""
    return f"[{escape(name)}](person:{platform}/{user})"


def channel(platform: str, identifier: str, name: str) -> str:
    """A typed link to a channel, as Markdown; `name` is shown on other platforms."""
    return f"[#{escape(name)}](channel:{platform}/{identifier})"


class Part(BaseModel):
    """Base of everything in a view: immutable, and JSON both ways."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Heading(Part):
    """A line that names what follows. Plain text."""

    kind: Literal["heading"] = "heading"
    text: str

    def plain_text(self) -> str:
        """The heading's words."""
        return self.text


class Text(Part):
    """A paragraph or list in Markdown."""

    kind: Literal["text"] = "text"
    text: str

    def plain_text(self) -> str:
        """The words without their markup."""
        return plain(self.text)


class Note(Part):
    """Small print in Markdown: why this came, who set it up."""

    kind: Literal["note"] = "note"
    text: str

    def plain_text(self) -> str:
        """The words without their markup."""
        return plain(self.text)


class Quote(Part):
    """Somebody's own words, exactly as they stand."""

    kind: Literal["quote"] = "quote"
    text: str

    def plain_text(self) -> str:
        """The words, each line set off by a mark."""
        return "\n".join(f"> {line}" for line in self.text.splitlines())


class Divider(Part):
    """A line between two parts."""

    kind: Literal["divider"] = "divider"

    def plain_text(self) -> str:
        """Three dashes."""
        return "---"


class Fields(Part):
    """Pairs of a label and a value, plain text."""

    kind: Literal["fields"] = "fields"
    items: tuple[tuple[str, str], ...]

    def plain_text(self) -> str:
        """One pair a line."""
        return "\n".join(f"{label}: {value}" for label, value in self.items)


class Table(Part):
    """Rows under column names, plain text."""

    kind: Literal["table"] = "table"
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def plain_text(self) -> str:
        """One row a line, cells set apart."""
        return "\n".join(" · ".join(row) for row in (self.columns, *self.rows))


class Confirm(Part):
    """A question asked before a button does what it says. Plain text."""

    title: str
    text: str
    yes: str
    no: str


class Button(Part):
    """A button. `action` is `feature.verb`; `opens` names the form it opens, or the action whose
    answer a platform with dialogs shows in one, fixed when the view is made; `url` makes it a link
    instead."""

    kind: Literal["button"] = "button"
    label: str
    action: str = ""
    value: str = ""
    style: Literal["plain", "primary", "danger"] = "plain"
    opens: str | None = None
    url: str | None = None
    confirm: Confirm | None = None


class Option(Part):
    """One of several choices."""

    value: str
    label: str
    hint: str = ""


class Menu(Part):
    """A choice that acts when made, as a button does, with the option's value."""

    kind: Literal["menu"] = "menu"
    label: str
    action: str
    options: tuple[Option, ...]


class Actions(Part):
    """Buttons and menus side by side."""

    kind: Literal["actions"] = "actions"
    items: tuple[Annotated[Button | Menu, Field(discriminator="kind")], ...]

    def plain_text(self) -> str:
        """The labels in square brackets."""
        return " ".join(f"[{item.label}]" for item in self.items)


Block = Annotated[
    Heading | Text | Note | Quote | Divider | Fields | Table | Actions,
    Field(discriminator="kind"),
]


class View(Part):
    """A message, a private answer, or the home view.

    `summary` is what a notification shows; without it, the first words of the view.
    """

    blocks: tuple[Block, ...]
    summary: str = ""

    def plain_text(self) -> str:
        """Everything a reader gets, without markup."""
        return "\n".join(block.plain_text() for block in self.blocks)


def view(*blocks: Block | None, summary: str = "") -> View:
    """A view of these blocks; None is left out."""
    return View(blocks=tuple(block for block in blocks if block is not None), summary=summary)


def actions(*items: Button | Menu | None) -> Actions | None:
    """Buttons side by side, or nothing if there are none."""
    present = tuple(item for item in items if item is not None)
    return Actions(items=present) if present else None


def plain(markdown: str) -> str:
    """Markdown's words without its marks, for the Markdown that `Text` and `Note` hold."""
    return _MARKS.sub(_words_of, markdown)


def _words_of(mark: re.Match[str]) -> str:
    if mark["link"] is not None:
        return plain(mark["link"])
    return mark["escaped"] or mark["code"] or ""
