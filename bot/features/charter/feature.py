"""What this feature registers."""

from bot.dispatch.feature import (
    BriefingSection,
    ButtonAction,
    Command,
    Feature,
    FileKind,
    FormKind,
    HomeSection,
    Needs,
    ReminderKind,
    StatementKind,
)
from bot.features.charter import briefing, drafts, handlers, importing, reminding, reviewing, views
from bot.features.charter.clauses import KIND, read_subject
from bot.features.charter.documents import SUFFIXES
from bot.features.charter.record import RECORD

FEATURE = Feature(
    name="charter",
    commands=(
        Command(
            phrase="charter",
            handle=handlers.show,
            help="charter.help",
            usage="charter JSC scope",
            reads=True,
            aloud=True,
        ),
        Command(
            phrase="charter edit",
            handle=handlers.start_edit,
            help="charter.help_edit",
            usage="charter edit JSC scope",
            needs=Needs.MANAGER,
        ),
        Command(
            phrase="charter history",
            handle=handlers.show_history,
            help="charter.help_history",
            usage="charter history scope",
            reads=True,
        ),
        Command(phrase="charters", handle=handlers.show_all, help="charter.help_all", reads=True),
        Command(
            phrase="charter import",
            handle=importing.start,
            help="charter.help_import",
            usage="charter import JSC",
            needs=Needs.MANAGER,
        ),
    ),
    buttons=(
        ButtonAction(name="charter.pick", handle=handlers.press_pick, reads=True),
        ButtonAction(name="charter.show", handle=handlers.press_show, reads=True),
        ButtonAction(name="charter.browse", handle=handlers.press_browse, reads=True),
        ButtonAction(name="charter.page", handle=handlers.press_page, reads=True),
        ButtonAction(name="charter.history", handle=handlers.press_history, reads=True),
        ButtonAction(name="charter.keep", handle=reviewing.press_keep),
        ButtonAction(name="charter.correct", handle=importing.press_correct, reads=True),
        ButtonAction(name="charter.assign", handle=importing.press_assign),
        ButtonAction(name="charter.body", handle=importing.press_body),
        ButtonAction(name="charter.enforce", handle=importing.press_enforce),
        ButtonAction(name="charter.discard", handle=importing.press_discard),
    ),
    forms=(
        FormKind(
            name="charter.form",
            open=handlers.open_form,
            submit=handlers.submit_form,
            label="charter.write",
        ),
        FormKind(
            name="charter.import",
            open=importing.open_import,
            submit=importing.submit_import,
            label="charter.import_button",
        ),
        FormKind(name="charter.part", open=importing.open_part, submit=importing.submit_part),
    ),
    files=(FileKind(suffixes=SUFFIXES, handle=importing.import_file, needs=Needs.MANAGER),),
    reminder_kinds=(
        ReminderKind(
            name=KIND,
            label="charter.kind",
            render=reminding.render,
            render_closed=reminding.render,
            render_open=reminding.render_open,
            choices=reminding.get_choices,
            read_choice=reminding.read_choice,
            describe=reminding.describe,
        ),
    ),
    jobs=(reviewing.JOB, drafts.JOB),
    foresee=reviewing.foresee,
    statements=(
        StatementKind(
            name=KIND,
            title=views.say_title,
            is_private=views.is_private,
            read_subject=read_subject,
            get_committee=views.get_committee_id,
        ),
    ),
    briefing=(BriefingSection(order=30, title="charter.all", render=views.render_briefing),),
    on_conflict=views.render_conflict,
    home=(HomeSection(order=25, render=handlers.render_home),),
    record=(RECORD,),
    steps=briefing.STEPS,
    undo={"charter.set": handlers.undo_set, "charter.imported": importing.undo_import},
)
