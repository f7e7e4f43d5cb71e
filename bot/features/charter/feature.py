"""What this feature registers."""

from bot.dispatch.feature import (
    ButtonAction,
    Command,
    Feature,
    FormKind,
    HomeSection,
    Needs,
    ReminderKind,
)
from bot.features.charter import handlers
from bot.features.charter.clauses import KIND

FEATURE = Feature(
    name="charter",
    commands=(
        Command(
            phrase="charter",
            handle=handlers.show,
            help="charter.help",
            usage="charter JSC scope",
            reads=True,
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
    ),
    buttons=(
        ButtonAction(name="charter.pick", handle=handlers.press_pick, reads=True),
        ButtonAction(name="charter.show", handle=handlers.press_show, reads=True),
    ),
    forms=(
        FormKind(
            name="charter.form",
            open=handlers.open_form,
            submit=handlers.submit_form,
            label="charter.write",
        ),
    ),
    reminder_kinds=(
        ReminderKind(name=KIND, label="charter.kind", render=handlers.render_reminder),
    ),
    home=(HomeSection(order=25, render=handlers.render_home),),
    undo={"charter.set": handlers.undo_set},
)
