"""What the forms of a request share: the wording as an input, what was typed, who may answer."""

from bot.core.errors import Conflict, NotUnderstood
from bot.core.events import FormSubmitted
from bot.core.forms import TextInput
from bot.dispatch.context import Context
from bot.dispatch.feature import WordingPart
from bot.dispatch.messages import words
from bot.features.confirmations.found import Found
from bot.statements import voices

INPUT_HOLDS = 3000
"""Characters that one input of a form takes."""


def _get_parts(context: Context, found: Found) -> tuple[WordingPart, ...]:
    """What a wording of this statement consists of; as a whole, if it has no parts."""
    kind = context.registry.statements.get(found.statement.kind)
    if kind is not None and kind.parts:
        return kind.parts
    longest = min(INPUT_HOLDS, (kind.longest if kind else None) or INPUT_HOLDS)
    return (WordingPart(name="text", label="confirm.suggest_label", longest=longest),)


def get_first_part(context: Context, found: Found) -> str:
    """The name of the first input."""
    return _get_parts(context, found)[0].name


def make_wording_inputs(context: Context, found: Found, text: str) -> tuple[TextInput, ...]:
    """The wording, to be changed, part by part. Raises Conflict for one that no input holds."""
    kind = context.registry.statements.get(found.statement.kind)
    parts, said = _get_parts(context, found), kind.split(text) if kind else (text,)
    if any(len(value) > part.longest for part, value in zip(parts, said, strict=True)):
        raise Conflict("confirm.too_long")
    return tuple(
        TextInput(
            name=part.name,
            label=words(part.label),
            value=value,
            multiline=True,
            required=part.required,
            max_length=part.longest,
        )
        for part, value in zip(parts, said, strict=True)
    )


def check_may_answer(context: Context, found: Found) -> None:
    """Raise NotAllowed or Conflict unless the acting person may answer it at this moment."""
    voices.check_may_answer(
        context.session, context.viewer, found.version, found.statement, now=context.now
    )


def read_wording(context: Context, found: Found, event: FormSubmitted) -> str:
    """Another wording. Raises NotUnderstood for nothing, or for more than its kind may have."""
    kind = context.registry.statements.get(found.statement.kind)
    said = [
        read_text(event, part.name, required=part.required, longest=part.longest)
        for part in _get_parts(context, found)
    ]
    return kind.join(said) if kind else said[0]


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
