"""What people wrote: code, quotes and links can be told from their own words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.teams.prose import read_posted
from bot.core.events import MessagePosted
from bot.features.glossary.masking import find_masked, touches
from tests.adapters.teams.test_parse import activity, mention, one


def posted(formatted: str, text: str = "API", *entities: dict[str, Any]) -> dict[str, Any]:
    """A message among people, as Teams sends it."""
    attachment = {"contentType": "text/html", "content": formatted}
    return activity(
        text=text, textFormat="plain", attachments=[attachment], entities=list(entities)
    )


@pytest.mark.parametrize(
    ("formatted", "words"),
    [
        ("<p>the <code>API</code> call</p>", "the `API` call"),
        ("<p>run</p><pre><code>get API\nput</code></pre>", "run\n```\nget API\nput\n```"),
        (
            "<blockquote><p>the API<br>is late</p></blockquote><p>I agree</p>",
            "> the API\n> is late\nI agree",
        ),
        (
            '<blockquote itemtype="http://schema.skype.com/Reply" itemid="17"><strong '
            'itemprop="mri">Tom</strong><p itemprop="preview">the API</p></blockquote><p>yes</p>',
            "> Tom\n> the API\nyes",
        ),
        ('see <a href="https://a.example/API">API</a>', "see [API](https://a.example/API)"),
        ("<div>a&nbsp;&lt;b&gt; <code>c</code></div>", "a <b> `c`"),
        ("<p>left open <code>API", "left open `API`"),
        ("<code>`</code></p></div>", "`'`"),
    ],
)
def test_code_quotes_and_links_are_marked(formatted: str, words: str) -> None:
    event = one(posted(formatted))
    assert isinstance(event, MessagePosted)
    assert event.text == words


def test_what_is_marked_is_not_the_authors_own() -> None:
    said = read_posted(posted("<blockquote>API</blockquote><p><code>API</code> the API</p>"))
    assert said is not None
    masked = find_masked(said)
    places = [at for at in range(len(said)) if said.startswith("API", at)]
    assert [touches(masked, at, at + 3) for at in places] == [True, True, False]


def test_without_any_of_these_the_plain_text_is_read() -> None:
    payload = posted("<div><strong>bold</strong></div>", "bold &amp; plain")
    assert read_posted(payload) is None
    assert one(payload).text == "bold & plain"


def test_people_stay_who_they_are() -> None:
    span = '<span itemtype="http://schema.skype.com/Mention" itemid="{}">Tom</span>'
    formatted = f"<p>{span.format(0)}: <code>x</code> {span.format(7)}</p>"
    said = read_posted(posted(formatted, "x", mention("29:tom", "<at>Tom</at>")))
    assert said == "<@29:tom|N>: `x` @"


@given(st.text(st.sampled_from('<>/ab"=` &;!-[]?codepreblockquote\n'), max_size=80))
def test_whatever_stands_there_is_read_or_left(noise: str) -> None:
    read_posted(posted(f"<code>x</code>{noise}"))
