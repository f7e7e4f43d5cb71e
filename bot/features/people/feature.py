"""What this feature registers."""

from bot.core.events import AppInstalled, AppRemoved, ChannelChanged, MemberJoined, MemberLeft
from bot.dispatch.feature import (
    ButtonAction,
    Command,
    Feature,
    FormKind,
    HomeSection,
    Listener,
    Needs,
    Topic,
)
from bot.features.people import (
    briefing,
    channels,
    consent,
    installing,
    invite,
    members,
    own_account,
    preferences,
    record,
    setup,
    silence,
    status,
)

FEATURE = Feature(
    name="people",
    commands=(
        Command(
            phrase="setup",
            handle=setup.start,
            help="setup.help",
            needs=Needs.NOTHING,
            reads=True,
        ),
        Command(
            phrase="link",
            handle=channels.start_link,
            help="channels.help_link",
            usage="link #channel",
            needs=Needs.MANAGER,
        ),
        Command(
            phrase="unlink",
            handle=channels.unlink,
            help="channels.help_unlink",
            usage="unlink #channel",
            needs=Needs.MANAGER,
        ),
        Command(
            phrase="invite",
            handle=invite.start,
            help="invite.help",
            usage="invite PARTNER",
            needs=Needs.MANAGER,
        ),
        Command(
            phrase="join",
            handle=invite.join,
            help="invite.help_join",
            usage="join CODE",
            needs=Needs.NOTHING,
        ),
        Command(phrase="status", handle=status.show_status, help="status.help", reads=True),
        Command(phrase="members", handle=members.show_members, help="members.help", reads=True),
        Command(
            phrase="use",
            handle=preferences.use,
            help="alliance.help_use",
            usage="use ALLIANCE",
            needs=Needs.NOTHING,
            for_former=True,
        ),
        Command(phrase="mute", handle=preferences.mute, help="mute.help", for_former=True),
        Command(
            phrase="unmute", handle=preferences.unmute, help="mute.help_unmute", for_former=True
        ),
        Command(phrase="undo", handle=preferences.undo, help="undo.help", for_former=True),
    ),
    buttons=(
        ButtonAction(name="people.use", handle=preferences.press_use, for_former=True),
        ButtonAction(name="members.page", handle=members.press_page, reads=True),
        ButtonAction(name="people.talk", handle=consent.press_talk),
        ButtonAction(name="invite.post", handle=invite.press_post),
        ButtonAction(name="invite.department", handle=invite.press_department),
        ButtonAction(name="invite.revoke", handle=invite.press_revoke),
        ButtonAction(name="invite.not_me", handle=own_account.press_not_me),
        ButtonAction(name="people.mute", handle=preferences.press_mute, for_former=True),
        ButtonAction(name="people.unmute", handle=preferences.press_unmute, for_former=True),
    ),
    forms=(
        FormKind(
            name="setup.form",
            open=setup.open_form,
            submit=setup.submit,
            label="setup.button",
        ),
        FormKind(
            name="join.form",
            open=invite.open_form,
            submit=invite.submit_form,
            label="invite.form_button",
        ),
        FormKind(name="consent.form", open=consent.open_form, submit=consent.submit_form),
    ),
    topics=(
        Topic(name="invitation", render=invite.render_post, while_pending=True),
        Topic(name=setup.TOPIC, render=setup.render_notice),
        Topic(name="introduction", render=consent.render_topic),
    ),
    errands=(silence.LOOK,),
    home=(HomeSection(order=10, render=status.render_home),),
    briefing=briefing.SECTIONS,
    steps=(briefing.STEP,),
    listeners=(
        Listener(kind=ChannelChanged, handle=channels.hear_channel),
        Listener(kind=AppInstalled, handle=installing.hear_installation),
        Listener(kind=AppRemoved, handle=installing.hear_removal),
        Listener(kind=MemberJoined, handle=channels.hear_member),
        Listener(kind=MemberLeft, handle=channels.hear_member),
    ),
    record=record.RECORD,
    undo={
        "channel.linked": channels.undo_link,
        "channel.unlinked": channels.undo_unlink,
        "alliance.changed": setup.undo_change,
    },
)
