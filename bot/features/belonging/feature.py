"""What this feature registers."""

from bot.core.events import AccountChanged, MemberLeft
from bot.dispatch.feature import ButtonAction, Command, Feature, Listener, Topic
from bot.features.belonging import comings, looking, same_person

FEATURE = Feature(
    name="belonging",
    commands=(
        Command(
            phrase="same person",
            handle=same_person.start,
            help="belonging.help",
            usage="same person @my-other-account",
        ),
    ),
    buttons=(
        ButtonAction(name="belonging.confirm", handle=same_person.press_confirm),
        ButtonAction(name="belonging.deny", handle=same_person.press_deny),
        ButtonAction(name="belonging.part", handle=same_person.press_part),
    ),
    listeners=(
        Listener(kind=AccountChanged, handle=comings.hear_account),
        Listener(kind=MemberLeft, handle=looking.hear_left),
    ),
    errands=(looking.LOOK,),
    topics=(Topic(name=same_person.TOPIC, render=same_person.render_joined),),
    undo={"account.joined": same_person.undo},
    undo_unmanaged=frozenset({"account.joined"}),
)
