"""What decisions register."""

from collections.abc import Sequence

from sqlmodel import Session

from bot.core import untold
from bot.core.events import ReactionAdded
from bot.core.views import Block, Quote, Text
from bot.dispatch.feature import (
    BriefingSection,
    ButtonAction,
    Command,
    DigestSection,
    DocumentKind,
    Feature,
    FormKind,
    HomeSection,
    Listener,
    Needs,
    RecordSection,
    ReminderKind,
    Shortcut,
    StatementKind,
    Topic,
    WordingPart,
)
from bot.dispatch.messages import say
from bot.features.decisions import (
    agendas,
    announcing,
    answering,
    asking,
    briefing,
    capturing,
    chasing,
    exporting,
    forms,
    handlers,
    listening,
    log,
    moving,
    opening,
    pins,
    planning,
    reminding,
    sharing,
    switches,
)
from bot.features.decisions.capture import LONGEST_WHAT, LONGEST_WHY, compose, split
from bot.statements.models import Version


def render_wording(session: Session, version: Version) -> Sequence[Block]:
    """A wording as those who confirm it read it."""
    what, why = split(version.text)
    blocks: list[Block] = [Quote(text=what)]
    if why:
        blocks += [Text(text=say("decisions.because")), Quote(text=why)]
    return blocks


COMMANDS = (
    Command(
        phrase="decide",
        handle=opening.decide,
        help="decisions.help_decide",
        usage='decide "Use the Basel site" because "it can start in May" for JSC',
        reads=True,
        prepares=True,
    ),
    Command(
        phrase="decisions",
        handle=handlers.show_recent,
        help="decisions.help",
        reads=True,
        aloud=True,
    ),
    Command(
        phrase="decisions show",
        handle=handlers.show_one,
        help="decisions.help_show",
        usage="decisions show D-12",
        reads=True,
        aloud=True,
    ),
    Command(
        phrase="decisions search",
        handle=handlers.find_words,
        help="decisions.help_search",
        usage="decisions search basel",
        reads=True,
        aloud=True,
    ),
    Command(
        phrase="decisions pending",
        handle=handlers.show_pending,
        help="decisions.help_pending",
        reads=True,
        aloud=True,
    ),
    Command(
        phrase="decisions mine", handle=handlers.show_mine, help="decisions.help_mine", reads=True
    ),
    Command(
        phrase="decisions coming up",
        handle=handlers.show_coming,
        help="decisions.help_coming",
        reads=True,
        aloud=True,
    ),
    Command(phrase="decisions coming", handle=handlers.show_coming, reads=True, aloud=True),
    Command(
        phrase="decisions before",
        handle=agendas.set_agenda,
        help="decisions.help_before",
        usage="decisions before JSC 3",
        needs=Needs.MANAGER,
    ),
    Command(
        phrase="decisions plan",
        handle=planning.plan,
        help="decisions.help_plan",
        usage='decisions plan "Choose the site" for JSC on 2027-04-01',
        reads=True,
        prepares=True,
    ),
    Command(
        phrase="decisions replace",
        handle=handlers.start_replace,
        help="decisions.help_replace",
        usage="decisions replace D-12",
        reads=True,
        prepares=True,
    ),
    Command(
        phrase="decisions withdraw",
        handle=handlers.withdraw,
        help="decisions.help_withdraw",
        usage="decisions withdraw D-12",
    ),
    Command(
        phrase="decisions share",
        handle=sharing.preview,
        help="decisions.help_share",
        usage="decisions share D-12",
        needs=Needs.MANAGER,
        reads=True,
    ),
    Command(
        phrase="decisions export",
        handle=exporting.start_export,
        help="decisions.help_export",
        usage="decisions export csv",
    ),
    Command(
        phrase="decisions listen",
        handle=switches.show_listening,
        help="decisions.help_listen",
        usage="decisions listen 80",
    ),
    Command(
        phrase="decisions pin",
        handle=pins.set_pin,
        help="decisions.help_pin",
        usage="decisions pin pushpin",
        needs=Needs.MANAGER,
        not_on=untold.REACTIONS,
    ),
)

BUTTONS = (
    ButtonAction(name=opening.DRAFT, handle=opening.press_draft, reads=True),
    ButtonAction(name="decisions.note", handle=capturing.press_note),
    ButtonAction(name="decisions.ask_line", handle=capturing.press_ask_line),
    ButtonAction(name="decisions.plan", handle=planning.press_plan),
    ButtonAction(name="decisions.show", handle=handlers.press_show, reads=True),
    ButtonAction(name="decisions.page", handle=handlers.press_page, reads=True),
    ButtonAction(name="decisions.withdraw", handle=handlers.press_withdraw),
    ButtonAction(name="decisions.share", handle=sharing.press_share),
    ButtonAction(name="decisions.ask_now", handle=asking.press_ask),
    ButtonAction(name="decisions.first_yes", handle=asking.press_yes),
    ButtonAction(name="decisions.task_done", handle=answering.press_done),
    ButtonAction(name="decisions.still_right", handle=answering.press_right),
    ButtonAction(name="decisions.not_one", handle=listening.press_not_one),
    ButtonAction(name="decisions.never_here", handle=listening.press_never_here),
    ButtonAction(name="decisions.not_same", handle=listening.press_not_same),
    ButtonAction(name="decisions.less", handle=listening.press_less),
    ButtonAction(name="decisions.never", handle=listening.press_never),
    ButtonAction(name="decisions.again", handle=listening.press_again),
    ButtonAction(name="decisions.listen", handle=switches.press_listen),
)

FORMS = (
    FormKind(
        name=forms.NAME,
        open=forms.open_form,
        submit=capturing.submit_form,
        change=forms.change_form,
        label="decisions.write",
    ),
    FormKind(
        name=asking.WORDS,
        open=asking.open_words,
        submit=asking.submit_words,
        label="confirm.suggest",
    ),
    FormKind(
        name=asking.REWORD,
        open=asking.open_reword,
        submit=asking.submit_reword,
        label="decisions.reword",
    ),
    FormKind(
        name=answering.DATE,
        open=answering.open_date,
        submit=answering.submit_date,
        label="decisions.task_new_date",
    ),
    FormKind(
        name=answering.REFUSE,
        open=answering.open_refuse,
        submit=answering.submit_refuse,
        label="decisions.task_refused",
    ),
    FormKind(
        name=answering.GIVE,
        open=answering.open_give,
        submit=answering.submit_give,
        label="decisions.task_not_mine",
    ),
    FormKind(
        name=answering.REVIEW,
        open=answering.open_review,
        submit=answering.submit_review,
        label="decisions.review_again",
    ),
    FormKind(
        name=answering.TELL,
        open=answering.open_tell,
        submit=answering.submit_tell,
        label="decisions.tell_others",
    ),
)

FEATURE = Feature(
    name="decisions",
    commands=COMMANDS,
    buttons=BUTTONS,
    forms=FORMS,
    shortcuts=(
        Shortcut(
            name="decisions.capture",
            label="decisions.capture",
            description="decisions.shortcut",
            handle=opening.use_shortcut,
            reads=True,
        ),
    ),
    statements=(
        StatementKind(
            name=log.KIND,
            title=announcing.get_title,
            render=render_wording,
            settled=announcing.hear_settled,
            proposed=announcing.hear_proposed,
            is_private=announcing.is_private,
            parts=(
                WordingPart(name="what", label="decisions.label_what", longest=LONGEST_WHAT),
                WordingPart(
                    name="why", label="decisions.label_why", longest=LONGEST_WHY, required=False
                ),
            ),
            split=split,
            join=lambda parts: compose(*parts),
        ),
    ),
    topics=(
        Topic(name=announcing.TOPIC, render=announcing.render_post),
        Topic(name=announcing.INFORM, render=announcing.render_inform),
        Topic(name=agendas.TOPIC, render=agendas.render),
        Topic(name=pins.TOPIC, render=pins.render_told),
        Topic(name=chasing.ASK, render=chasing.render_ask),
        Topic(name=chasing.REVIEW, render=chasing.render_review),
    ),
    reminder_kinds=(
        ReminderKind(
            name="decisions",
            label="decisions.kind",
            render=reminding.render_reminder,
            render_closed=reminding.render_closed,
            choices=reminding.get_choices,
            read_choice=reminding.read_choice,
            describe=reminding.describe,
        ),
    ),
    jobs=(chasing.JOB, agendas.JOB),
    documents=(DocumentKind(name=exporting.KIND, render=exporting.render_file),),
    home=(HomeSection(order=22, render=handlers.render_home),),
    listeners=(Listener(kind=ReactionAdded, handle=opening.hear_pin),),
    watches=(listening.WATCH,),
    briefing=(
        BriefingSection(order=50, title="decisions.heading", render=exporting.render_briefing),
    ),
    digest=(DigestSection(order=10, render=exporting.render_digest),),
    record=(
        RecordSection(
            order=56,
            name="decisions",
            dump=exporting.dump,
            load=moving.load,
            schema=moving.SCHEMA,
        ),
    ),
    steps=briefing.STEPS,
    undo={
        "decisions.agenda_set": agendas.undo_agenda,
        "decisions.bar_set": switches.undo_bar,
        "decisions.pin_set": pins.undo_pin,
        "decision.captured": capturing.undo_captured,
        "decision.widened": sharing.undo_share,
        "task.done": answering.undo_settled,
        "task.refused": answering.undo_settled,
        "task.told": answering.undo_told,
    },
    undo_unmanaged=frozenset({"decision.captured"}),
    foresee=chasing.foresee,
)
