"""The choice of how something was agreed: what a body's charter gives."""

from collections.abc import Mapping

from bot.core.errors import NotUnderstood
from bot.core.events import FormValue
from bot.core.forms import ChoiceInput
from bot.core.views import Option
from bot.dispatch.messages import words
from bot.statements.grounds import Grounds
from bot.statements.models import Basis

NAME = "basis"


def render_grounds(
    grounds: Grounds, *, label: str, body: str | None, wanted: str, required: bool = True
) -> ChoiceInput:
    """The choice, with where it comes from. `body`: the committee's name; none: the alliance."""
    return ChoiceInput(
        name=NAME,
        label=label,
        options=tuple(Option(value=one, label=_say(one)) for one in grounds.offered),
        selected=(grounds.choose(wanted),),
        hint=words(f"confirm.grounds_{grounds.written}", body=body or words("charter.of_alliance")),
        required=required,
    )


def check_basis(grounds: Grounds, values: Mapping[str, FormValue], *, body: str | None) -> Basis:
    """What was chosen; nothing: the usual. Raises NotUnderstood for what the charter does not
    give."""
    wanted = str(values.get(NAME) or "")
    if wanted and wanted not in grounds.offered:
        raise NotUnderstood(
            "confirm.grounds_others",
            field=NAME,
            body=body or words("charter.of_alliance"),
            names=[_say(one) for one in grounds.offered],
        )
    return grounds.choose(wanted)


def _say(basis: Basis) -> str:
    return words(f"confirm.basis_{basis}")
