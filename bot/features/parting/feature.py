"""What this feature registers."""

from bot.dispatch.feature import ButtonAction, Command, Feature, HomeSection, Needs
from bot.features.parting import handlers, returning

FEATURE = Feature(
    name="parting",
    commands=(
        Command(
            phrase="leave",
            handle=handlers.preview_leave,
            help="parting.help_leave",
            needs=Needs.MANAGER,
            reads=True,
        ),
        Command(
            phrase="end alliance",
            handle=handlers.preview_end,
            help="parting.help_end",
            needs=Needs.MANAGER,
            reads=True,
        ),
    ),
    buttons=(
        ButtonAction(name="parting.leave", handle=handlers.press_leave),
        ButtonAction(name="parting.end", handle=handlers.press_end),
        ButtonAction(name="parting.back", handle=returning.press_back, for_former=True),
        ButtonAction(name="parting.admit", handle=returning.press_admit),
    ),
    home=(HomeSection(order=5, render=returning.render_home),),
    undo={"partner.left": returning.undo_parting, "alliance.ended": returning.undo_parting},
    undo_unmanaged=frozenset({"partner.left", "alliance.ended"}),
)
