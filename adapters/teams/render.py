"""Views as Adaptive Cards 1.5, within Teams' limits. People's words stand in rich text, exactly.

Sources: https://adaptivecards.io/explorer and
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from adapters.teams import fields, markup
from adapters.teams.markup import Json, Line, Wording
from bot.core import views
from bot.dispatch.messages import words

SCHEMA: Final = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION: Final = "1.5"
MOST_BYTES: Final = 24_000
"""Of a card: a message may have 28 KB, what goes around the card with it."""

PRIMARY: Final = 6
"""Buttons in a row; more stand behind three dots."""

FALLBACK: Final = 2000
SUMMARY: Final = 400
QUOTE: Final = 6000
CELL: Final = 300
TABLE_ROWS: Final = 60
EMPTY: Final = "—"


def render_message(view: views.View) -> dict[str, Any]:
    """A message's `card`, and the `summary` that a notification shows."""
    said = markup.one_line(view.summary or plain_text(view))
    return {"card": render_card(view), "summary": markup.shorten(said, SUMMARY) or EMPTY}


def render_card(view: views.View, *, in_dialog: bool = False) -> Json:
    """A view as a card. In a dialog buttons answer into the dialog."""
    surface = Surface(in_dialog=in_dialog)
    groups = [(block, list(surface.render(block))) for block in view.blocks]
    body = fit([elements for _, elements in groups])
    fallback = markup.shorten(markup.clean(plain_text(view)).strip(), FALLBACK)
    return make_card(body or [text_block(EMPTY)], fallback=fallback, entities=surface.entities)


def plain_text(view: views.View) -> str:
    """Everything a reader gets, in Teams' own wording."""
    return "\n".join(_plain(block) for block in view.blocks)


def _plain(block: views.Block) -> str:
    if isinstance(block, views.Text | views.Note):
        return markup.to_plain(markup.to_lines(block.text, wording()))
    return block.plain_text()


def make_card(
    body: list[Json],
    *,
    fallback: str,
    entities: Sequence[Json] = (),
    actions: Sequence[Json] = (),
) -> Json:
    """A card around its body."""
    card: Json = {
        "type": "AdaptiveCard",
        "$schema": SCHEMA,
        "version": VERSION,
        "fallbackText": fallback or EMPTY,
        "body": body,
    }
    if actions:
        card["actions"] = list(actions)
    teams: Json = {"width": "Full"}
    used = orjson.dumps(body).decode()
    kept = [e for e in entities if orjson.dumps(e["text"]).decode()[1:-1] in used]
    if kept:
        teams["entities"] = kept
    return {**card, "msteams": teams}


def fit(groups: Sequence[list[Json]], most: int = MOST_BYTES) -> list[Json]:
    """As many parts as Teams takes, with a line for those left out."""
    weights = [len(orjson.dumps(group)) for group in groups]
    if sum(weights) <= most:
        return [element for group in groups for element in group]
    body: list[Json] = []
    room, kept = most - 300, 0
    for group, weight in zip(groups, weights, strict=True):
        if weight > room:
            break
        body += group
        room, kept = room - weight, kept + 1
    left = words("teams.left_out", count=str(len(groups) - kept))
    return [*body, *note_block(left)]


def text_block(text: str, **more: Any) -> Json:
    """A text block of our own plain words."""
    return {"type": "TextBlock", "text": text, "wrap": True, **more}


def rich(runs: Sequence[Json], **more: Any) -> Json:
    """A line of rich text."""
    return {"type": "RichTextBlock", "inlines": list(runs), **more}


def exact(text: str, **more: Any) -> Json:
    """A run of exactly these characters."""
    return {"type": "TextRun", "text": text, **more}


def note_block(text: str) -> list[Json]:
    """Small print of our own plain words."""
    return [rich([exact(text, size="Small", isSubtle=True)], spacing="Small")]


def wording() -> Wording:
    """What is said in Teams' own way."""
    how = {"invite": words("teams.invite"), "pin": words("teams.pin")}
    return Wording(how=how, elsewhere=words("links.elsewhere"))


@dataclass(slots=True)
class Surface:
    """One card on its way: whom it mentions, and what is numbered in it."""

    in_dialog: bool = False
    entities: list[Json] = field(default_factory=list)
    menus: int = 0
    questions: int = 0
    after_divider: bool = False

    def render(self, block: views.Block) -> Iterator[Json]:
        """The elements of a block."""
        if isinstance(block, views.Divider):
            self.after_divider = True
            return
        for element in self._elements(block):
            if self.after_divider:
                element = {**element, "separator": True, "spacing": "Medium"}
                self.after_divider = False
            yield element

    def _elements(self, block: views.Block) -> Iterator[Json]:
        match block:
            case views.Heading():
                said = markup.shorten(markup.one_line(block.text), 200)
                if said:
                    run = exact(said, size="Large", weight="Bolder")
                    yield rich([run], spacing="Medium")
            case views.Text():
                yield from self._lines(markup.to_lines(block.text, wording()))
            case views.Note():
                yield from self._lines(markup.to_lines(block.text, wording()), is_small=True)
            case views.Quote():
                yield _quote(block.text)
            case views.Fields():
                for label, value in block.items:
                    yield _pair(label, value)
            case views.Table():
                yield from _table(block)
            case views.Actions():
                yield from self._actions(block)
            case _:
                return

    def _lines(self, lines: Sequence[Line | None], *, is_small: bool = False) -> Iterator[Json]:
        spacing = "Small" if is_small else "Default"
        look: Json = {"size": "Small", "isSubtle": True} if is_small else {}
        for line in lines:
            if line is None:
                spacing = "Default"
                continue
            if line.mentions:
                self.entities += [markup.to_entity(name, user) for name, user in line.mentions]
                said = markup.to_mentioning(line)
                yield text_block(said, spacing=spacing, **look)
            else:
                yield rich([{**run, **look} for run in line.runs], spacing=spacing)
            spacing = "None"

    def _actions(self, actions: views.Actions) -> Iterator[Json]:
        made: list[Json] = []
        asked: list[Json] = []
        menus: list[Json] = []
        for item in actions.items:
            if isinstance(item, views.Menu):
                menus += self._menu(item)
            elif item.confirm is not None:
                action, question = self._question(item, item.confirm)
                made.append(action)
                asked.append(question)
            else:
                button = self._button(item)
                if button is not None:
                    made.append(button)
        if made:
            yield action_set(made)
        yield from asked
        # A menu takes two lines: what most people press stands above it.
        yield from menus

    def _button(self, button: views.Button, label: str | None = None) -> Json | None:
        """A button; None for a link that would not open."""
        title = markup.shorten(markup.one_line(label or button.label), 75) or EMPTY
        style = {"primary": "positive", "danger": "destructive"}.get(button.style)
        look: Json = {"title": title, **({"style": style} if style else {})}
        if button.url is not None:
            is_link = re.match(r"https?://", button.url, re.IGNORECASE) is not None
            return {"type": "Action.OpenUrl", **look, "url": button.url} if is_link else None
        if button.opens is not None:
            said = fields.opening(button.opens, button.value)
            if self.in_dialog:
                said.pop("msteams")
            return {"type": "Action.Submit", **look, "data": said, "associatedInputs": "none"}
        said = fields.press(button.action, button.value)
        return self._act(button.action, said, look)

    def _act(self, action: str, said: Json, look: Json, *, inputs: str = "none") -> Json:
        """In a dialog only a submission answers; in a message the card is refreshed by it."""
        if self.in_dialog:
            return {"type": "Action.Submit", **look, "data": said, "associatedInputs": inputs}
        return {
            "type": "Action.Execute",
            **look,
            "verb": action,
            "data": said,
            "associatedInputs": inputs,
        }

    def _question(self, button: views.Button, confirm: views.Confirm) -> tuple[Json, Json]:
        """A button that shows a question below, and the question with its two answers."""
        self.questions += 1
        name = f"question{self.questions}"
        toggle = {"type": "Action.ToggleVisibility", "targetElements": [name]}
        title = markup.shorten(markup.one_line(button.label), 75)
        yes = self._button(button, confirm.yes)
        no = {**toggle, "title": markup.shorten(markup.one_line(confirm.no), 75)}
        question = {
            "type": "Container",
            "id": name,
            "isVisible": False,
            "style": "emphasis",
            "items": [
                rich([exact(markup.one_line(confirm.title) or EMPTY, weight="Bolder")]),
                *(rich([exact(line)]) for line in _text_lines(confirm.text)),
                action_set([action for action in (yes, no) if action]),
            ],
        }
        return {**toggle, "title": title or EMPTY}, question

    def _menu(self, menu: views.Menu) -> Iterator[Json]:
        """A choice, and a button that makes it."""
        if not menu.options:
            return
        self.menus += 1
        name = fields.name_menu(self.menus)
        label = markup.shorten(markup.one_line(menu.label), 150) or EMPTY
        said = fields.press(menu.action, "", menu=name)
        choices = [make_choice(option) for option in menu.options[:100]]
        yield {
            "type": "Input.ChoiceSet",
            "id": name,
            "label": label,
            "style": "compact",
            "placeholder": words("teams.nothing_chosen"),
            "choices": choices,
        }
        yield action_set(
            [self._act(menu.action, said, {"title": words("teams.choose")}, inputs="auto")]
        )


def make_choice(option: views.Option) -> Json:
    """One of several choices; its hint stands behind its name."""
    label = markup.one_line(option.label)
    hint = markup.one_line(option.hint)
    title = f"{label} ({hint})" if hint else label
    return {
        "title": markup.shorten(title, 150) or EMPTY,
        "value": fields.encode_option(option.value),
    }


def action_set(actions: Sequence[Json]) -> Json:
    """Buttons side by side; what is more than Teams shows stands behind three dots."""
    shown = [
        action if number < PRIMARY else {**action, "mode": "secondary"}
        for number, action in enumerate(actions)
    ]
    return {"type": "ActionSet", "actions": shown}


def _text_lines(text: str) -> list[str]:
    return [line for line in markup.clean(text).split("\n") if line.strip()]


def _quote(text: str) -> Json:
    said = markup.shorten(markup.clean(text).strip(), QUOTE) or EMPTY
    items: list[Json] = []
    spacing = "None"
    for line in said.split("\n")[:200]:
        if not line.strip():
            spacing = "Small"
            continue
        items.append(rich([exact(line)], spacing=spacing))
        spacing = "None"
    return {"type": "Container", "style": "emphasis", "spacing": "Small", "items": items}


def _pair(label: str, value: str) -> Json:
    """A label and a value. Facts would read Markdown in what people typed."""
    name = markup.shorten(markup.one_line(label), 150)
    said = markup.shorten(markup.clean(value).strip(), 2000) or EMPTY
    runs = [exact(f"{name}: ", weight="Bolder")] if name else []
    first, *others = said.split("\n")
    lines = [rich([*runs, exact(first or EMPTY)], spacing="None")]
    lines += [rich([exact(line)], spacing="None") for line in others[:50] if line.strip()]
    return {"type": "Container", "spacing": "Small", "items": lines}


def _table(table: views.Table) -> Iterator[Json]:
    rows = [table.columns, *table.rows]
    width = max((len(row) for row in rows), default=0)
    if width == 0:
        return
    shown = [[*row, *[""] * (width - len(row))] for row in rows[: TABLE_ROWS + 1]]
    yield {
        "type": "Table",
        "firstRowAsHeader": True,
        "showGridLines": True,
        "columns": [{"width": 1}] * width,
        "rows": [
            {
                "type": "TableRow",
                "cells": [_cell(cell, is_head=number == 0) for cell in row],
            }
            for number, row in enumerate(shown)
        ],
    }
    if len(rows) > len(shown):
        yield from note_block(words("teams.left_out", count=str(len(rows) - len(shown))))


def _cell(text: str, *, is_head: bool) -> Json:
    said = markup.shorten(markup.one_line(text), CELL) or EMPTY
    look: Json = {"weight": "Bolder"} if is_head else {}
    return {"type": "TableCell", "items": [rich([exact(said, **look)])]}
