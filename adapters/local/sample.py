"""The sample alliance: what stands in `sample.yaml`, as if the cast had said all of it.

It goes through the core's own services, with the rights that its people have there. Whatever
section of the file is not named in `_SECTIONS` waits for the feature that it belongs to.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from sqlmodel import Session, col, select

from adapters.local import agreed, cast
from adapters.local.loading import BEGAN, Loading
from adapters.local.platform import PLATFORM, to_channel_profile, to_user_profile
from bot.core.records import Item, items_of
from bot.dispatch.feature import Registry
from bot.features.charter.clauses import KIND, PRIVATE
from bot.features.glossary import consents
from bot.features.onboarding import asking, journeys
from bot.features.onboarding.tracks import TrackKind
from bot.people import channels, committees, consent, identity, invitations
from bot.people.alliances import NewAlliance, create
from bot.people.models import Account, Alliance, Partner, SeatKind
from bot.people.viewer import Viewer, get_viewers
from bot.record.reading import read
from bot.schedules import reminders
from bot.schedules.reminders import Plan
from bot.statements import versions

FILE: Final = "sample.yaml"
LINKED: Final = ("C-STEERING", "C-SHARED")


def read_sample() -> Item:
    """The file's content."""
    return read(files("adapters.local").joinpath(FILE).read_bytes(), FILE)


_SAMPLE: Final = read_sample()
ZONE: Final[str] = _SAMPLE["alliance"]["zone"]
NORTH_STAR: Final[str] = _SAMPLE["north_star"][0]["versions"][0]["text"]


def load(session: Session, registry: Registry, *, now: datetime) -> bool:
    """Set the sample up in an empty database; False if there is an alliance already."""
    if session.exec(select(Alliance.id).limit(1)).first() is not None:
        return False
    loading = _load_people(session, registry, now=now)
    loading.channels = _link_channels(loading)
    for name, load_section in _SECTIONS.items():
        for item in items_of(_SAMPLE[name]):
            load_section(loading, item)
    _bring_in(loading)
    return True


def _load_people(session: Session, registry: Registry, *, now: datetime) -> Loading:
    for workspace in cast.WORKSPACES:
        identity.save_workspace(
            session, PLATFORM, workspace.id, name=workspace.name, bot_user=cast.BOT
        )
    people = {person.name: person for person in cast.PEOPLE}
    accounts = {
        item["name"]: identity.save_account(
            session, PLATFORM, to_user_profile(people[item["name"]]), now=now
        )
        for item in _SAMPLE["people"]
    }
    first, second = _get_managers()
    viewer = _create(session, accounts[first], now=now)
    _join(session, viewer, accounts[second], now=now)
    for account in accounts.values():
        identity.ensure_member(session, viewer.alliance_id, account, now=now)
    viewers = {name: get_viewers(session, account.id)[0] for name, account in accounts.items()}
    managers = {v.partner_name or "": v for v in viewers.values() if v.is_manager}
    return Loading(
        session=session,
        registry=registry,
        now=now,
        viewers=viewers,
        managers=managers,
        channels={},
    )


def _get_managers() -> list[str]:
    return [item["name"] for item in _SAMPLE["people"] if "manager" in item.get("roles", [])]


def _create(session: Session, founder: Account, *, now: datetime) -> Viewer:
    said, (own, *others) = _SAMPLE["alliance"], _SAMPLE["partners"]
    new = NewAlliance(
        name=said["name"],
        own_partner=own["name"],
        other_partners=tuple(other["name"] for other in others),
        zone=said["zone"],
        hours_start=said["hours"]["start"],
        hours_end=said["hours"]["end"],
        countries=tuple(own["countries"]),
    )
    return create(session, new, founder=founder, now=now)


def _join(session: Session, viewer: Viewer, account: Account, *, now: datetime) -> None:
    """The other side's manager accepts, as with a code, and a while ago: it can't be taken back."""
    said = _SAMPLE["partners"][1]
    partner = session.exec(
        select(Partner).where(
            col(Partner.alliance_id) == viewer.alliance_id, col(Partner.joined_at).is_(None)
        )
    ).one()
    code = invitations.invite(session, viewer, partner, now=now)
    invitation = invitations.get_invitation(session, account, code, now=now)
    assert invitation is not None  # noqa: S101 - just made
    countries = tuple(said["countries"])
    invitations.accept(
        session, invitation, account, name=said["name"], countries=countries, now=now
    )
    partner.joined_at = now - BEGAN
    account.current_alliance_id = viewer.alliance_id
    session.add_all([partner, account])
    session.flush()


def _link_channels(loading: Loading) -> dict[str, str]:
    session, found = loading.session, {}
    first = loading.viewers[_get_managers()[0]]
    everybody = [workspace.id for workspace in cast.WORKSPACES]
    for shown in (channel for channel in cast.CHANNELS if channel.id in LINKED):
        channel = channels.link(
            session,
            first,
            platform=PLATFORM,
            workspace_id=identity.save_workspace(session, PLATFORM, shown.workspace).id,
            profile=to_channel_profile(shown, is_member=True, workspaces=everybody),
            now=loading.now,
        )
        for manager in loading.managers.values() if shown.is_shared else ():
            consent.agree(session, manager, channel, now=loading.now)
            consents.save(session, manager, channel, consents.Mode.PRIVATE, now=loading.now)
        found[shown.name] = channel.id
    return found


def _bring_in(loading: Loading) -> None:
    """The cast has been in the alliance for a while: nobody of them is a newcomer."""
    session, now = loading.session, loading.now
    for manager in loading.managers.values():
        partner = session.get_one(Partner, manager.partner_id)
        asking.ensure_practice(session, partner, now=now).since = now
        own = [v.member_id for v in loading.viewers.values() if v.partner_id == partner.id]
        journeys.begin(
            session,
            partner.alliance_id,
            partner.id,
            own,
            kind=TrackKind.MEMBER,
            cause="join",
            is_asked=True,
            now=now,
        )
        journeys.decline(session, partner.id, None, now=now)
    session.flush()


def _add_committee(loading: Loading, item: Mapping[str, Any]) -> None:
    session, now = loading.session, loading.now
    first = loading.viewers[_get_managers()[0]]
    committee = committees.add_committee(session, first, item["name"], now=now)
    committee.decides, committee.rule = item["decides"], item["rule"].strip()
    session.add(committee)
    for seat in items_of(item["seats"]):
        manager = loading.managers[seat["partner"]]
        member = loading.get_member(seat["person"])
        kind = SeatKind(seat["kind"])
        committees.seat(session, manager, committee, member, kind=kind, since=now - BEGAN)
        if deputy := seat.get("deputy"):
            stands_in = loading.get_member(deputy)
            committees.set_deputy(session, manager, committee, member, stands_in, now=now)


def _put_star(loading: Loading, item: Mapping[str, Any]) -> None:
    """Both partners', word for word: the committee that stands first in the file confirmed it."""
    if item["partner"] == _SAMPLE["partners"][0]["name"]:
        name = _SAMPLE["committees"][0]["name"]
        committee = committees.get_committee(loading.session, loading.get_first(), name)
        assert committee is not None  # noqa: S101 - just made
        agreed.put_statement(loading, "north_star", item, committee=committee)


def _put_clause(loading: Loading, item: Mapping[str, Any]) -> None:
    """What each partner has for itself is in force there; the rest both confirmed."""
    manager = loading.managers[item["partner"]]
    name, clause = item.get("committee", ""), item["clause"]
    committee = committees.get_committee(loading.session, manager, name) if name else None
    subject = f"{committee.id if committee else ''}/{clause}"
    if committee is not None and clause != PRIVATE:
        agreed.put_statement(loading, KIND, item, committee=committee, subject=subject)
        return
    text, at = item["versions"][-1]["text"].strip(), loading.now - agreed.WORDS_AGO
    versions.put_in_force(loading.session, manager, KIND, text=text, subject=subject, now=at)


def _add_reminder(loading: Loading, item: Mapping[str, Any]) -> None:
    plan = Plan(
        kind=item["kind"],
        cadence=item["cadence"],
        text=item.get("text", ""),
        channels=tuple(loading.channels[name] for name in item["channels"]),
    )
    reminders.add(loading.session, loading.viewers[item["by"]], plan, now=loading.now)


_SECTIONS: Final[Mapping[str, Callable[[Loading, Mapping[str, Any]], None]]] = {
    "committees": _add_committee,
    "north_star": _put_star,
    "charter": _put_clause,
    "reminders": _add_reminder,
    "terms": agreed.put_term,
    "decisions": agreed.put_decision,
}


def get_alliance(session: Session) -> Alliance | None:
    """The alliance whose time the time bar tells: the oldest."""
    return session.exec(select(Alliance).order_by(col(Alliance.created_at)).limit(1)).first()
