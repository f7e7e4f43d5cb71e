"""What this feature registers."""

from bot.dispatch.feature import ButtonAction, Command, Feature, HomeSection, Needs
from bot.features.record import arrivals, changes, export

FEATURE = Feature(
    name="record",
    commands=(
        # Whoever held the role when their partner left, or the alliance ended, takes theirs along.
        Command(
            phrase="export",
            handle=export.export,
            help="record.help",
            needs=Needs.KEEPER,
            for_former=True,
        ),
        Command(
            phrase="changes",
            handle=changes.show,
            help="changes.help",
            needs=Needs.MANAGER,
            reads=True,
        ),
    ),
    buttons=(
        ButtonAction(name="changes.page", handle=changes.press_page, reads=True),
        ButtonAction(name="record.use", handle=arrivals.press_use),
        ButtonAction(name="record.use_all", handle=arrivals.press_use_all),
        ButtonAction(name="record.leave", handle=arrivals.press_leave),
    ),
    home=(HomeSection(order=14, render=arrivals.render_home),),
    record=(changes.RECORD,),
    documents=export.DOCUMENTS,
    undo={"record.exported": export.undo_export},
)
