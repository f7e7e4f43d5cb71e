"""The few pages that people see in a browser when they install Entente: plain HTML, no scripts."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1.0625rem/1.6 system-ui, sans-serif; margin: 0 auto; max-width: 40rem;
  padding: 2rem 1rem; }
dt { font-family: ui-monospace, monospace; margin-top: .75rem; }
dd { margin: 0 0 0 1.25rem; }
a.action { background: #1f3a5f; border-radius: .4rem; color: #fff; display: inline-block;
  margin: 1rem 0; padding: .7rem 1.2rem; text-decoration: none; }
a.action:focus-visible { outline: 3px solid #d97706; outline-offset: 3px; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def render_page(
    title: str,
    *paragraphs: str,
    reasons: Mapping[str, str] | None = None,
    link: tuple[str, str],
    status: int = 200,
) -> HTMLResponse:
    """A page of plain paragraphs, then terms with their reasons, then what to do next."""
    parts = [f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs]
    if reasons:
        rows = (f"<dt>{escape(t)}</dt><dd>{escape(why)}</dd>" for t, why in reasons.items())
        parts.append(f"<dl>{''.join(rows)}</dl>")
    label, address = link
    parts.append(f'<p><a class="action" href="{escape(address)}">{escape(label)}</a></p>')
    html = _PAGE.format(title=escape(title), style=_STYLE, body="\n".join(parts))
    return HTMLResponse(html, status_code=status, headers=HEADERS)
