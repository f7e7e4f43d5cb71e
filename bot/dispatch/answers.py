"""What a handler answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.core.errors import PlatformError
from bot.core.forms import Form
from bot.core.ports import Profile, Query
from bot.core.views import View

if TYPE_CHECKING:
    from bot.dispatch.context import Context


Found = Sequence[Profile | PlatformError]
"""What was found for each query, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the person who acted gets, and nobody else.

    `view`: said to them privately. `refresh`: takes the place of the message whose button they
    pressed. `opens`: a form by name, with the value its opener gets; where no form can be opened, a
    private button does it, called by `label` of the catalogue or else as the form is. It stays
    beside the `form` for platforms that open a form anew. `form`: the form itself, to open or to
    update. `errors`: by input, in a form that was sent off. `home`: their home view.
    """

    view: View | None = None
    refresh: View | None = None
    opens: tuple[str, str] | None = None
    label: str = ""
    form: Form | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    home: View | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Something must be read from the platform first; `then` goes on with what was found for each
    query, or with why it could not be read, in a transaction of its own.

    `between` makes something of what was found before that, in a thread and outside of any
    transaction, so that work which takes its time holds nobody up; `then` gets its answer instead.
    A UserError in it is said to the person. `within`: seconds after which what was not answered
    counts as not readable, for what a platform waits for. `reads`: `then` changes nothing either,
    so that it need not wait for others who write.
    """

    queries: tuple[Query, ...]
    then: Callable[["Context", Any, Any], "Answer | Fetch | None"]
    between: Callable[[Found], Any] | None = None
    within: float | None = None
    reads: bool = False
