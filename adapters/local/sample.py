"""The sample alliance: set up by Ana at Acme, through the core's own services."""

from datetime import datetime

from sqlmodel import Session, col, select

from adapters.local import cast
from adapters.local.platform import PLATFORM, to_channel_profile, to_user_profile
from bot.people import channels, identity
from bot.people.alliances import NewAlliance, create
from bot.people.models import Alliance
from bot.schedules import reminders
from bot.schedules.reminders import Plan
from bot.statements import versions

NAME = "Acme–Borealis"
NORTH_STAR = "As one team, give children with Marlow syndrome an ordinary school day."
ZONE = "Europe/Berlin"
STEERING = ("U-ANA", "U-TOM", "U-HELEN")


def load(session: Session, *, now: datetime) -> bool:
    """Set the sample up in an empty database; False if there is an alliance already."""
    if session.exec(select(Alliance.id).limit(1)).first() is not None:
        return False
    for workspace in cast.WORKSPACES:
        identity.save_workspace(
            session, PLATFORM, workspace.id, name=workspace.name, bot_user=cast.BOT
        )
    people = {person.id: person for person in cast.PEOPLE}
    accounts = {
        user: identity.save_account(session, PLATFORM, to_user_profile(people[user]), now=now)
        for user in STEERING
    }
    viewer = create(
        session,
        NewAlliance(
            name=NAME,
            own_partner="Acme",
            other_partners=("Borealis",),
            zone=ZONE,
            hours_start="09:00",
            hours_end="17:00",
            countries=("DE",),
        ),
        founder=accounts["U-ANA"],
        now=now,
    )
    for account in accounts.values():
        identity.ensure_member(session, viewer.alliance_id, account, now=now)
    steering = next(channel for channel in cast.CHANNELS if channel.id == "C-STEERING")
    channel = channels.link(
        session,
        viewer,
        platform=PLATFORM,
        workspace_id=identity.save_workspace(session, PLATFORM, steering.workspace).id,
        profile=to_channel_profile(steering, is_member=True),
        now=now,
    )
    versions.put_in_force(session, viewer, "north_star", text=NORTH_STAR, now=now)
    monthly = Plan(
        kind="north_star", cadence="first monday of the month 09:00", channels=(channel.id,)
    )
    reminders.add(session, viewer, monthly, now=now)
    return True


def get_alliance(session: Session) -> Alliance | None:
    """The alliance whose time the time bar tells: the oldest."""
    return session.exec(select(Alliance).order_by(col(Alliance.created_at)).limit(1)).first()
