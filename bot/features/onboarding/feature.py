"""What this feature registers."""

from bot.core.events import MemberJoined, MemberLeft, WorkspaceJoined
from bot.dispatch.feature import (
    ButtonAction,
    Command,
    Feature,
    FormKind,
    Listener,
    Needs,
    Step,
    Topic,
)
from bot.features.onboarding import (
    appointments,
    arrivals,
    asking,
    editing,
    fallback,
    managing,
    meeting,
    newcomer,
    overview,
    planning,
    sending,
    showing,
)

FEATURE = Feature(
    name="onboarding",
    commands=(
        Command(
            phrase="onboard",
            handle=managing.onboard,
            help="onboarding.help_onboard",
            usage="onboard @name",
        ),
        Command(phrase="onboarding", handle=overview.show, help="onboarding.help", reads=True),
        Command(
            phrase="onboarding track",
            handle=editing.show,
            help="onboarding.help_track",
            usage="onboarding track member",
            needs=Needs.MANAGER,
            reads=True,
        ),
    ),
    buttons=(
        ButtonAction(name="onboarding.open", handle=newcomer.press_open),
        ButtonAction(name="onboarding.read", handle=newcomer.press_read),
        ButtonAction(name="onboarding.next", handle=newcomer.press_next),
        ButtonAction(name="onboarding.later", handle=newcomer.press_later),
        ButtonAction(name="onboarding.skip", handle=newcomer.press_skip),
        ButtonAction(name="onboarding.stop", handle=newcomer.press_stop),
        ButtonAction(name="onboarding.go_on", handle=newcomer.press_go_on),
        ButtonAction(name="onboarding.mine", handle=newcomer.press_mine),
        ButtonAction(name="onboarding.nothing", handle=newcomer.press_nothing),
        ButtonAction(name="onboarding.accept", handle=asking.press_accept),
        ButtonAction(name="onboarding.decline", handle=asking.press_decline),
        ButtonAction(name="onboarding.show", handle=overview.press_show, reads=True),
        ButtonAction(name="onboarding.person", handle=overview.press_person, reads=True),
        ButtonAction(name="onboarding.nudge", handle=managing.press_nudge),
        ButtonAction(name="onboarding.restart", handle=managing.press_restart),
        ButtonAction(name="onboarding.skip_for", handle=managing.press_skip_for),
        ButtonAction(name="onboarding.names", handle=managing.press_names),
        ButtonAction(name="onboarding.workspace", handle=managing.press_workspace),
        ButtonAction(name="onboarding.track", handle=editing.press_track, reads=True),
        ButtonAction(name="onboarding.pick_step", handle=editing.press_pick, reads=True),
        ButtonAction(name="onboarding.starter", handle=editing.press_starter),
        ButtonAction(name="onboarding.agree", handle=meeting.press_agree),
        ButtonAction(name="onboarding.disagree", handle=meeting.press_disagree),
        ButtonAction(name="onboarding.choose_time", handle=meeting.press_time),
        ButtonAction(name="onboarding.none_fits", handle=meeting.press_none_fits),
        ButtonAction(name="onboarding.introduce", handle=meeting.press_introduce),
        ButtonAction(name="onboarding.calendar", handle=meeting.press_calendar),
    ),
    forms=(
        FormKind(
            name="onboarding.remark", open=newcomer.open_remark, submit=newcomer.submit_remark
        ),
        FormKind(name="onboarding.choose", open=asking.open_choice, submit=asking.submit_choice),
        FormKind(name="onboarding.step", open=editing.open_step, submit=editing.submit_step),
        FormKind(name="onboarding.yaml", open=editing.open_yaml, submit=editing.submit_yaml),
    ),
    topics=(
        Topic(name=sending.TOPIC, render=showing.render_topic),
        Topic(name=asking.TOPIC, render=asking.render_topic),
        Topic(name=meeting.TOPIC, render=meeting.render_topic),
    ),
    jobs=(appointments.LOOK, asking.ASK),
    due=(sending.SETTLE, arrivals.ARRIVALS, planning.PLAN, sending.FIRE, fallback.TELL),
    errands=(arrivals.MEMBERS, arrivals.PROFILES_ERRAND),
    documents=(meeting.CALENDAR,),
    steps=(
        Step(
            name="one_to_one",
            title="onboarding.title_one_to_one",
            render=meeting.render_one_to_one,
        ),
        Step(
            name="counterpart",
            title="onboarding.title_counterpart",
            render=meeting.render_counterpart,
        ),
    ),
    purge=arrivals.purge,
    listeners=(
        Listener(kind=MemberJoined, handle=arrivals.hear),
        Listener(kind=MemberLeft, handle=arrivals.hear),
        Listener(kind=WorkspaceJoined, handle=arrivals.hear_workspace),
    ),
    undo={
        "onboarding.accepted": asking.undo_accepted,
        "onboarding.begun": managing.undo_begun,
        "onboarding.names": managing.undo_names,
        "onboarding.workspace": managing.undo_workspace,
        "onboarding.track": editing.undo_track,
    },
)
