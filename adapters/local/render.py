"""Views, forms and the page as HTML. Templates escape whatever they are given."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.local.markdown import render_markdown, render_words
from adapters.local.page import Page
from adapters.local.playground import REACTIONS
from adapters.local.records import Person, Surface
from bot.core.views import View, plain

RADIO_BUTTONS = 5
"""A single choice of up to this many options is shown as radio buttons, a longer one as a list."""

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"markdown": render_markdown, "words": render_words, "plain": plain}
_ENVIRONMENT.tests["web"] = lambda url: str(url).lower().startswith(("http://", "https://"))
_ENVIRONMENT.tests["here"] = lambda url: str(url).startswith("/?at=")
_ENVIRONMENT.globals |= {"reactions": REACTIONS, "radio_buttons": RADIO_BUTTONS}


def render_page(page: Page) -> str:
    """The whole page."""
    return _render("page.html", page=page)


def render_dialog(surface: Surface, people: list[Person]) -> str:
    """What stands in the dialog: a form, or a view that a form became."""
    return _render("dialog.html", surface=surface, people=people)


def render_view(view: View, surface: str) -> str:
    """A view alone, as it stands in a message."""
    blocks: Any = _ENVIRONMENT.get_template("blocks.html").module
    return str(blocks.view_blocks(view, surface, "alone"))


def _render(template: str, **values: Any) -> str:
    return _ENVIRONMENT.get_template(template).render(**values)
