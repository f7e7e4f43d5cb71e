"""What people typed never becomes markup, in HTML or Markdown; its addresses become links."""

from adapters.web.markup import link_addresses, write_markdown
from bot.core.documents import Document, Section
from bot.core.views import Quote


def test_web_addresses_are_links_and_all_else_stays_what_it_was() -> None:
    text = 'See <b>https://x.example/a?b=1&c="2</b>, or (http://x.example).'
    assert link_addresses(text) == (
        'See &lt;b&gt;<a href="https://x.example/a?b=1&amp;c=" rel="noreferrer noopener nofollow">'
        "https://x.example/a?b=1&amp;c=</a>&#34;2&lt;/b&gt;, or "
        '(<a href="http://x.example" rel="noreferrer noopener nofollow">http://x.example</a>).'
    )
    assert link_addresses("javascript:alert(1) https:// ftp://x") == (
        "javascript:alert(1) https:// ftp://x"
    )


def test_lines_of_a_quote_stay_lines_in_markdown() -> None:
    blocks = (Quote(text="Start: one\nStop: two\n\nContinue: three"),)
    written = write_markdown(Document(title="T", sections=(Section(title="S", blocks=blocks),)))
    assert "> Start: one  \n> Stop: two\n>\n> Continue: three\n" in written
