"""What the forms of a request share: the wording as an input, what was typed, who may answer."""

from bot.core.errors import Conflict, NotUnderstood
from bot.core.events import FormSubmitted
from bot.core.forms import TextInput
from bot.dispatch.context import Context
from bot.dispatch.messages import words
from bot.features.confirmations.found import Found
from bot.statements import voices

INPUT_HOLDS = 3000
"""Characters that one input of a form takes."""


def get_longest(context: Context, found: Found) -> int:
    """The most characters that another wording of a statement may have."""
    kind = context.registry.statements.get(found.statement.kind)
    return min(INPUT_HOLDS, (kind.longest if kind else None) or INPUT_HOLDS)


def make_wording_input(context: Context, found: Found, text: str) -> TextInput:
    """The wording, to be changed. Raises Conflict for one that no input holds."""
    longest = get_longest(context, found)
    if len(text) > longest:
        raise Conflict("confirm.too_long")
    return TextInput(
        name="text",
        label=words("confirm.suggest_label"),
        value=text,
        multiline=True,
        max_length=longest,
    )


def check_may_answer(context: Context, found: Found) -> None:
    """Raise NotAllowed or Conflict unless the acting person may answer it at this moment."""
    voices.check_may_answer(
        context.session, context.viewer, found.version, found.statement, now=context.now
    )


def read_wording(context: Context, found: Found, event: FormSubmitted) -> str:
    """Another wording. Raises NotUnderstood for nothing, or for more than its kind may have."""
    return read_text(event, "text", longest=get_longest(context, found))


def read_text(
    event: FormSubmitted, name: str, *, required: bool = True, longest: int = INPUT_HOLDS
) -> str:
    """What was typed into an input. Raises NotUnderstood for nothing, or too much."""
    value = event.values.get(name)
    text = value.strip() if isinstance(value, str) else ""
    if required and not text:
        raise NotUnderstood("help.required", field=name)
    if len(text) > longest:
        raise NotUnderstood("help.too_long", field=name, most=longest)
    return text
