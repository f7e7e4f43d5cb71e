"""What this feature registers."""

from bot.dispatch.feature import (
    ButtonAction,
    Command,
    DocumentKind,
    Feature,
    FormKind,
    Needs,
)
from bot.features.briefing import call, front, handlers, record

FEATURE = Feature(
    name="briefing",
    commands=(
        Command(phrase="briefing", handle=handlers.show, help="briefing.help", for_former=True),
        Command(
            phrase="briefing edit",
            handle=front.start,
            help="briefing.help_edit",
            needs=Needs.MANAGER,
            reads=True,
        ),
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
    forms=(
        FormKind(
            name=front.FORM,
            open=front.open_form,
            submit=front.submit,
            label="briefing.front_title",
        ),
    ),
    briefing=front.SECTIONS,
    record=(record.RECORD,),
    undo={front.CHANGED: front.undo},
    documents=(
        DocumentKind(name=handlers.KIND, render=handlers.render_document),
        DocumentKind(name=call.KIND, render=call.render_document),
    ),
)
