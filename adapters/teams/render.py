"""Views as Adaptive Cards 1.5, within Teams' limits. People's words stand in rich text, exactly.

Sources: https://adaptivecards.io/explorer and
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import orjson

from adapters.teams import fields, fitting, markup
from adapters.teams.elements import (
    EMPTY,
    action_set,
    exact,
    make_choice,
    note_block,
    rich,
    text_block,
    text_lines,
)
from adapters.teams.markup import Json, Line, Wording
from bot.core import views
from bot.dispatch.messages import words

SCHEMA: Final = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION: Final = "1.5"
FALLBACK: Final = 2000
SUMMARY: Final = 400
QUOTE: Final = 20_000
VALUE: Final = 2000
CELL: Final = 300
TABLE_ROWS: Final = 60
NARROW: Final = 12
"""Characters for which a column needs no more than its share."""
WIDEST: Final = 3


def render_message(view: views.View, *, is_alone: bool = False) -> dict[str, Any]:
    """A message's `card`, and the `summary` that a notification shows. `is_alone`: one person alone
    sees it."""
    said = markup.one_line(view.summary or plain_text(view))
    summary = fitting.shorten(said, SUMMARY, fitting.MOST_SUMMARY) or EMPTY
    return {"card": render_card(view, is_alone=is_alone), "summary": summary}


def render_card(view: views.View, *, in_dialog: bool = False, is_alone: bool = False) -> Json:
    """A view as a card. In a dialog buttons answer into the dialog."""
    most = fitting.MOST_DIALOG if in_dialog else fitting.MOST_CARD
    begin = partial(Surface, in_dialog=in_dialog, is_alone=is_alone)
    card = _render(view, begin())
    while (excess := fitting.weigh(card) - most) > 0:
        smaller = fitting.cut_longest(view, excess)
        if smaller is None:
            room = fitting.weigh(card["body"]) - excess
            return _render(view, begin(), room=room)
        view, card = smaller, _render(smaller, begin())
    return card


def _render(view: views.View, surface: "Surface", *, room: int | None = None) -> Json:
    """A view as a card, its body within `room` bytes."""
    groups = [list(surface.render(block)) for block in view.blocks]
    body = [element for group in groups for element in group]
    if room is not None:
        body = fitting.fit(groups, room, tail=fitting.count_tail(view.blocks))
    said = markup.clean(plain_text(view)).strip()
    fallback = fitting.shorten(said, FALLBACK, fitting.MOST_FALLBACK)
    return make_card(body or [text_block(EMPTY)], fallback=fallback, entities=surface.entities)


def plain_text(view: views.View) -> str:
    """Everything a reader gets, in Teams' own wording."""
    return "\n".join(plain_block(block) for block in view.blocks)


def plain_block(block: views.Block) -> str:
    """The same of a block."""
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


def wording() -> Wording:
    """What is said in Teams' own way."""
    how = {
        "invite": words("teams.invite"),
        "pin": words("teams.pin"),
    }
    return Wording(how=how, elsewhere=words("links.elsewhere"))


@dataclass(slots=True)
class Surface:
    """One card on its way: whom it mentions, and what is numbered in it."""

    in_dialog: bool = False
    is_alone: bool = False
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
        said = fields.press(button.action, button.value, is_alone=self.is_alone)
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
                *(rich([exact(line)]) for line, _ in text_lines(markup.clean(confirm.text))),
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
        said = fields.press(menu.action, "", menu=name, is_alone=self.is_alone)
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


def _quote(text: str) -> Json:
    said = markup.shorten(markup.clean(text).strip(), QUOTE)
    items = [
        rich([exact(line)], spacing="Small" if is_apart else "None")
        for line, is_apart in text_lines(said) or [(EMPTY, False)]
    ]
    return {"type": "Container", "style": "emphasis", "spacing": "Small", "items": items}


def _pair(label: str, value: str) -> Json:
    """A label and a value. Facts would read Markdown in what people typed."""
    name = markup.shorten(markup.one_line(label), 150)
    said = markup.shorten(markup.clean(value).strip(), VALUE)
    runs = [exact(f"{name}: ", weight="Bolder")] if name else []
    first, *others = (line for line, _ in text_lines(said) or [(EMPTY, False)])
    lines = [rich([*runs, exact(first)], spacing="None")]
    lines += [rich([exact(line)], spacing="None") for line in others]
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
        "columns": [{"width": _share(column)} for column in zip(*shown, strict=True)],
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


def _share(column: Sequence[str]) -> int:
    """How much of the width a column gets: where sentences stand, more than where names do."""
    return min(max(max(map(len, column)) // NARROW, 1), WIDEST)


def _cell(text: str, *, is_head: bool) -> Json:
    said = markup.shorten(markup.one_line(text), CELL) or EMPTY
    look: Json = {"weight": "Bolder"} if is_head else {}
    return {"type": "TableCell", "items": [rich([exact(said, **look)])]}
