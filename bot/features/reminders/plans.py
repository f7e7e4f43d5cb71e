"""Plans on their way through forms, buttons and lines: as JSON, and with whom they name."""

import orjson
from sqlmodel import col, select

from bot.core.errors import NotFound, NotUnderstood
from bot.core.ports import UserProfile, UserQuery
from bot.dispatch.answers import Found
from bot.dispatch.context import Context
from bot.people import identity
from bot.people.models import Account, MemberAccount
from bot.schedules.reminders import Plan
from bot.schedules.rhythm import OnHoliday


def dump_plan(wanted: Plan) -> dict[str, object]:
    """A plan as JSON, for an undo or a button."""
    return {
        "kind": wanted.kind,
        "cadence": wanted.cadence,
        "channels": list(wanted.channels),
        "members": list(wanted.members),
        "committees": list(wanted.committees),
        "text": wanted.text,
        "zone": wanted.zone,
        "on_holiday": wanted.on_holiday.value,
        "options": dict(wanted.options),
    }


def load_plan(fields: dict[str, object]) -> Plan:
    """The plan that `dump_plan` wrote. Raises NotUnderstood for anything else."""
    try:
        return Plan(
            kind=str(fields["kind"]),
            cadence=str(fields["cadence"]),
            channels=to_tuple(fields["channels"]),
            members=to_tuple(fields["members"]),
            committees=to_tuple(fields.get("committees")),
            text=_storable(fields["text"]),
            zone=str(fields["zone"]),
            on_holiday=OnHoliday(str(fields["on_holiday"])),
            options=_load_options(fields.get("options")),
        )
    except (KeyError, ValueError, TypeError):
        raise NotUnderstood("help.old_button") from None


def _load_options(options: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(options, dict) or "choice" not in options:
        return ()
    return (("choice", _storable(options["choice"])[:80]),)


def load_line(value: str) -> tuple[str, Plan]:
    """The alliance and the plan that a button of an offer carries. Raises NotUnderstood."""
    try:
        fields = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise NotUnderstood("help.old_button") from None
    if not isinstance(fields, dict):
        raise NotUnderstood("help.old_button")
    return str(fields.pop("alliance", "")), load_plan(fields)


def to_tuple(value: object) -> tuple[str, ...]:
    """One or several texts, or none, as a tuple."""
    if isinstance(value, list | tuple):
        return tuple(_storable(item) for item in value)
    return (_storable(value),) if value else ()


def _storable(value: object) -> str:
    # JSON within JSON: the adapter could not see a NUL that was escaped in here.
    return str(value).replace("\0", "")


def get_strangers(context: Context, users: tuple[str, ...]) -> tuple[UserQuery, ...]:
    """What to ask the platform about those of `users` who are no members yet."""
    known = _get_members(context, users)
    workspace = context.event.workspace
    return tuple(UserQuery(workspace=workspace, user=user) for user in users if user not in known)


def meet(context: Context, found: Found) -> None:
    """Make members of people of the viewer's own partner; others are left alone."""
    for profile in found:
        if not isinstance(profile, UserProfile) or profile.is_bot:
            continue
        account = identity.save_account(
            context.session, context.event.platform, profile, now=context.now
        )
        alliance_id = context.viewer.alliance_id
        if identity.place_of(context.session, alliance_id, account) == context.viewer.partner_id:
            identity.ensure_member(context.session, alliance_id, account, now=context.now)


def get_member_ids(context: Context, users: tuple[str, ...]) -> tuple[str, ...]:
    """Members of the viewer's partner by their platform's ids. Raises NotFound for others."""
    if not users:
        return ()
    found = _get_members(context, users)
    if set(found) != set(users):
        raise NotFound("remind.people_unknown", field="people")
    return tuple(found[user] for user in users)


def get_known_ids(context: Context, users: tuple[str, ...]) -> tuple[str, ...]:
    """The same, of those who are known to be of the viewer's partner."""
    return tuple(_get_members(context, users).values())


def _get_members(context: Context, users: tuple[str, ...]) -> dict[str, str]:
    viewer = context.viewer
    found = identity.find_members(
        context.session, viewer.alliance_id, platform=context.event.platform, users=users
    )
    return {user: m.id for user, m in found.items() if m.partner_id == viewer.partner_id}


def get_users(context: Context, members: tuple[str, ...]) -> tuple[str, ...]:
    """The platform's ids of members, as a form shows them."""
    return tuple(
        context.session.exec(
            select(Account.external_id)
            .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
            .where(
                col(MemberAccount.member_id).in_(members),
                col(Account.platform) == context.event.platform,
            )
        )
    )
