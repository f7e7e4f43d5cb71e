"""`onboard` without a name, and *Open mine*: the note that waits for the one who asks.

It is the one they were brought last, and comes again as often as they ask, until they go on with
*Next* or leave it out with *Skip*: what a platform shows to one person alone, vanishes.
"""

from sqlmodel import col, select

from bot.core.events import ButtonPressed
from bot.core.views import Button, Text, View, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.messages import say, words
from bot.features.onboarding import giving, journeys, showing
from bot.features.onboarding.models import PIECE, Given, Journey, JourneyState, StepState

GOING_ON = frozenset({JourneyState.ACTIVE, JourneyState.UNREACHABLE, JourneyState.STOPPED})
OVER = frozenset({JourneyState.DONE, JourneyState.BROUGHT})


def press_mine(context: Context, event: ButtonPressed) -> Answer:
    """From a line in a channel: the note that did not reach the person, for them alone."""
    context.enter(event.value)
    return show_own(context)


def show_own(context: Context) -> Answer:
    """The note that the acting person was brought last; their first one, if there was none."""
    found = journeys.get_journeys(context.session, context.viewer.member_id)
    under_way = [journey for journey in found if journey.state in GOING_ON]
    if any(giving.is_on_its_way(context, journey) for journey in under_way):
        return Answer(view=view(Text(text=say("onboarding.comes"))))
    over = [journey for journey in found if journey.state in OVER]
    latest = _get_latest(context, [*under_way, *over])
    if latest is not None:
        return Answer(view=_show_again(context, latest))
    if not under_way:
        return Answer(view=view(Text(text=say("onboarding.nothing_waits"))))
    journey = under_way[0]
    if journey.state == JourneyState.UNREACHABLE:
        journey.state, journey.trouble = JourneyState.ACTIVE, None
    shown = giving.give_next(context, journey)
    return Answer(view=shown or view(Text(text=say("onboarding.nothing_waits"))))


def _get_latest(context: Context, found: list[Journey]) -> Given | None:
    """The note that was brought, or was to be brought, last of all; where all were, the first that
    asks to be read and was not."""
    for journey in found:
        if journey.state == JourneyState.BROUGHT:
            return showing.find_unread(context.session, journey)
    return context.session.exec(
        select(Given)
        .where(
            col(Given.journey_id).in_([journey.id for journey in found]),
            col(Given.state) != StepState.LEFT_OUT,
            ~col(Given.step).startswith(PIECE),
        )
        .order_by(col(Given.queued_at).desc(), col(Given.id).desc())
        .limit(1)
    ).first()


def _show_again(context: Context, latest: Given) -> View:
    given, journey, step = giving.find(context, str(latest.id))
    settled = StepState.READ if journey.state in OVER else StepState.SKIPPED
    if given.state == settled:
        return _say_next(context, given, journey)
    giving.react(context, given, journey)
    if showing.is_first(context.session, journey, given):
        return showing.render_opened_welcome(
            context.session,
            journey,
            given,
            context.viewer,
            giving.get_content(context, journey, step),
            now=context.now,
        )
    return giving.show(context, given, journey, step)


def _say_next(context: Context, given: Given, journey: Journey) -> View:
    """Nothing waits at the moment: when the next note comes, if one does."""
    if journey.next_at is None:
        return view(Text(text=say("onboarding.nothing_waits")))
    button = Button(label=words("onboarding.next"), action="onboarding.next", value=str(given.id))
    date = say_date(journey.next_at, context.zone)
    return view(Text(text=say("onboarding.next_waits", date=date)), actions(button))
