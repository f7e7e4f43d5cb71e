"""What this feature registers."""

from bot.dispatch.feature import ButtonAction, Command, DocumentKind, Feature
from bot.features.briefing import call, handlers

FEATURE = Feature(
    name="briefing",
    commands=(
        Command(phrase="briefing", handle=handlers.show, help="briefing.help", for_former=True),
        Command(
            phrase="brief me",
            handle=call.show,
            help="briefing.help_call",
            usage="brief me for a call with PARTNER",
            reads=True,
        ),
    ),
    buttons=(
        ButtonAction(name="briefing.part", handle=handlers.press_part, reads=True),
        ButtonAction(name="briefing.document", handle=handlers.press_document, for_former=True),
        ButtonAction(name="briefing.call", handle=call.press_document),
        ButtonAction(name="briefing.close", handle=handlers.press_close, for_former=True),
    ),
    documents=(
        DocumentKind(name=handlers.KIND, render=handlers.render_document),
        DocumentKind(name=call.KIND, render=call.render_document),
    ),
)
