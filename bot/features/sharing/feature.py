"""What this feature registers."""

from bot.dispatch.feature import ButtonAction, Command, Feature, Needs
from bot.dispatch.opening import ACTION
from bot.features.sharing import handlers, opening

FEATURE = Feature(
    name="sharing",
    commands=(
        Command(
            phrase="north star share",
            handle=handlers.preview_star,
            help="sharing.help_star",
            needs=Needs.MANAGER,
            reads=True,
        ),
        Command(
            phrase="charter share",
            handle=handlers.preview_charter,
            help="sharing.help_charter",
            usage="charter share JSC scope",
            needs=Needs.MANAGER,
            reads=True,
        ),
        Command(
            phrase="share",
            handle=handlers.preview_place,
            help="sharing.help",
            usage="share #channel",
            needs=Needs.MANAGER,
            reads=True,
        ),
    ),
    buttons=(
        ButtonAction(name="sharing.confirm", handle=handlers.press_confirm),
        ButtonAction(name=ACTION, handle=opening.press_open),
    ),
    undo={"audience.widened": handlers.undo},
)
