"""A text over several inputs: a platform's hold 3,000 characters each."""

from collections.abc import Mapping

from bot.core.events import FormValue
from bot.core.forms import TextInput
from bot.dispatch.messages import words

LARGEST = 3000
"""Characters of one input."""


def split(text: str, *, size: int = LARGEST - 200) -> list[tuple[str, str]]:
    """The text in pieces of at most `size` characters, each with what stood after it: the end of a
    paragraph or a line where there is one, else a space, else nothing."""
    pieces: list[tuple[str, str]] = []
    rest = text
    while len(rest) > size:
        for gap in ("\n\n", "\n", " "):
            end = rest.rfind(gap, size // 2, size)
            if end > 0:
                pieces.append((rest[:end], gap))
                rest = rest[end + len(gap) :]
                break
        else:
            pieces.append((rest[:size], ""))
            rest = rest[size:]
    return [*pieces, (rest, "")]


def make_inputs(text: str, *, label: str, hint: str = "", spare: bool = False) -> list[TextInput]:
    """Inputs that hold the text, named `text`, `text_2` and so on; with `spare` one more, to go
    on in."""
    held = [piece for piece, _ in split(text)]
    if spare:
        held.append("")
    return [
        TextInput(
            name="text" if number == 1 else f"text_{number}",
            label=label if number == 1 else words("charter.goes_on"),
            value=piece,
            hint=hint if number == 1 else "",
            multiline=True,
            required=number == 1,
            max_length=LARGEST,
        )
        for number, piece in enumerate(held, start=1)
    ]


def join(values: Mapping[str, FormValue], before: str) -> str:
    """What the inputs hold, as one text. Where they held `before`, it is put together as it was."""
    gaps = [gap for _, gap in split(before)]
    text = ""
    for number in range(1, len(gaps) + 2):
        value = values.get("text" if number == 1 else f"text_{number}")
        piece = value.strip("\n") if isinstance(value, str) else ""
        if not piece:
            continue
        gap = gaps[number - 2] if 1 < number <= len(gaps) else "\n\n"
        text = f"{text}{gap}{piece}" if text else piece
    return text.strip()
