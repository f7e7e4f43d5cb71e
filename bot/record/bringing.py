"""Taking an alliance over from a file: all of it or nothing, as proposals, never twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.core.errors import NotUnderstood
from bot.core.records import Item, Listed, Problem, items_of, problem_at, text_of
from bot.dispatch.feature import Registry
from bot.dispatch.messages import words
from bot.people import alliances, invitations, origins
from bot.people.models import Alliance, Brought, Partner
from bot.people.viewer import Viewer
from bot.record.reading import FileProblems, read
from bot.record.schema import check, make_schema
from bot.schedules.calendar import DAYS, parse_country, parse_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came of a file: the alliance, what was brought (a line each), and the code with which
    each partner's manager joins, for partners that have none yet."""

    alliance_id: str
    name: str
    is_new: bool
    done: Sequence[str]
    codes: Mapping[str, str]


def read_checked(registry: Registry, raw: bytes, name: str) -> Item:
    """The content of a file that fits the schema. Raises FileProblems with every misfit."""
    found = read(raw, name)
    problems = check(found, make_schema(registry))
    if problems:
        raise FileProblems(name, problems)
    return found


def bring(
    registry: Registry, session: Session, found: Item, *, name: str, now: datetime
) -> Arrival:
    """Load a checked file. Raises FileProblems; then the transaction is to be given up."""
    try:
        return _bring(registry, session, found, now=now)
    except Problem as problem:
        raise FileProblems(name, [problem]) from None


def _bring(registry: Registry, session: Session, found: Item, *, now: datetime) -> Arrival:
    check_names(found)
    alliance, is_new = _ensure_alliance(session, found, now=now)
    keepers = _get_keepers(session, alliance, found, now=now)
    done: list[str] = []
    for section in registry.record:
        for place, (partner, keeper) in enumerate(keepers):
            content = select_for(found.get(section.name), partner, is_first=place == 0)
            if content:
                done += section.load(session, keeper, content, now)
    return Arrival(
        alliance_id=alliance.id,
        name=alliance.name,
        is_new=is_new,
        done=done,
        codes=_invite(session, [keeper for _, keeper in keepers], now=now),
    )


def check_names(found: Mapping[str, Any]) -> None:
    """Raise Problem for a partner's name that is there twice, or is named but not there."""
    names: set[str] = set()
    for item in items_of(found["partners"]):
        name = _get_name(item).casefold()
        if name in names or not name:
            raise problem_at(item, "name", "expected each partner once")
        names.add(name)
    for key, content in found.items():
        if key != "partners":
            _check_owners(content, names)


def _check_owners(content: Any, names: set[str]) -> None:
    if isinstance(content, Mapping):
        owner = content.get("partner")
        if isinstance(owner, str) and owner.casefold() not in names:
            raise problem_at(content, "partner", "expected a name that stands under partners")
        for value in content.values():
            _check_owners(value, names)
    elif isinstance(content, list):
        for value in content:
            _check_owners(value, names)


def _ensure_alliance(session: Session, found: Item, *, now: datetime) -> tuple[Alliance, bool]:
    """The alliance that came from this file before, or this very one, or a new one."""
    said: Mapping[str, Any] = found["alliance"]
    own_id, name = text_of(said, "id"), text_of(said, "name")
    origin = origins.make_origin(said, name)
    known = origins.find_alliance(session, origin)
    alliance = session.get(Alliance, known or own_id[:24])
    if alliance is not None:
        return alliance, False
    if session.exec(select(Alliance.id).where(col(Alliance.name) == name)).first() is not None:
        raise problem_at(
            said, "name", f"expected another name; there is an alliance {name} here already"
        )
    alliance = _make_alliance(session, said, now=now)
    _note(session, alliance, origins.ALLIANCE, origin, alliance.id, now=now)
    for item in items_of(found["partners"]):
        partner = _make_partner(alliance, item)
        session.add(partner)
        session.flush()
        _note(session, alliance, origins.PARTNERS, _get_origin(item), partner.id, now=now)
    return alliance, True


def _note(
    session: Session, alliance: Alliance, section: str, origin: str, local: str, *, now: datetime
) -> None:
    session.add(
        Brought(
            alliance_id=alliance.id,
            section=section,
            origin=origin,
            local_id=local,
            brought_at=now,
        )
    )
    session.flush()


def _get_origin(item: Mapping[str, Any]) -> str:
    return origins.make_origin(item, _get_name(item))


def _get_name(item: Mapping[str, Any]) -> str:
    return " ".join(text_of(item, "name").split())


def _make_alliance(session: Session, said: Mapping[str, Any], *, now: datetime) -> Alliance:
    try:
        zone = parse_zone(text_of(said, "zone"))
    except NotUnderstood:
        raise problem_at(said, "zone", "expected a zone such as Europe/Berlin") from None
    hours = said.get("hours") or {"start": "09:00", "end": "17:00"}
    if hours["start"] >= hours["end"]:
        raise problem_at(hours, "end", "expected a time after start")
    alliance = Alliance(
        name=text_of(said, "name"),
        zone=zone,
        hours_start=hours["start"],
        hours_end=hours["end"],
        days=sorted({DAYS.index(day) for day in said.get("days", DAYS[:5])}),
        created_at=now,
    )
    session.add(alliance)
    session.flush()
    return alliance


def _make_partner(alliance: Alliance, item: Mapping[str, Any]) -> Partner:
    countries: Any = item.get("countries") or Listed()
    for place, country in enumerate(countries):
        try:
            parse_country(country)
        except NotUnderstood:
            line = countries.lines[place] if isinstance(countries, Listed) else 0
            expected = f"countries: expected a country's letters, such as DE; {country} is none"
            raise Problem(expected, line=line) from None
    return Partner(alliance_id=alliance.id, name=_get_name(item), countries=list(countries))


def _get_keepers(
    session: Session, alliance: Alliance, found: Item, *, now: datetime
) -> list[tuple[str, Viewer]]:
    """In whose name the file is loaded for each partner, with the partner's name in the file."""
    keepers = []
    for item in items_of(found["partners"]):
        partner = _find_partner(session, alliance, item)
        if partner is None or partner.left_at is not None:
            raise problem_at(item, "name", f"expected a partner of {alliance.name} as it is here")
        keeper = origins.get_keeper(session, partner, words("record.keeper"), now=now)
        keepers.append((_get_name(item), keeper))
    return keepers


def _find_partner(session: Session, alliance: Alliance, item: Mapping[str, Any]) -> Partner | None:
    """The partner that came as this one (it may have another name by now), or has its name."""
    known = origins.get(session, alliance.id, origins.PARTNERS, _get_origin(item))
    if known is not None:
        return session.get(Partner, known.local_id)
    return alliances.get_partner(session, alliance.id, _get_name(item))


def select_for(content: Any, partner: str, *, is_first: bool) -> Any:
    """What of a section is loaded for one partner: its own items whole, and of those that name no
    partner all in the first partner's turn, in later turns those that hold something of theirs."""
    if not isinstance(content, list):
        return content if is_first else None
    chosen = [_select_item(item, partner, is_first=is_first) for item in content]
    return [item for item in chosen if item is not None]


def _select_item(item: Any, partner: str, *, is_first: bool) -> Any:
    if not isinstance(item, Mapping):
        return item if is_first else None
    owner = item.get("partner")
    if isinstance(owner, str):
        return item if owner.casefold() == partner.casefold() else None
    lists = {key: value for key, value in item.items() if isinstance(value, list)}
    owned = {
        key: _get_own(value, partner)
        for key, value in lists.items()
        if any(isinstance(one.get("partner"), str) for one in items_of(value))
    }
    if not is_first and not any(owned.values()):
        return None
    chosen = Item({**item, **owned})
    if isinstance(item, Item):
        chosen.line, chosen.lines = item.line, item.lines
    return chosen


def _get_own(content: list[Any], partner: str) -> list[Any]:
    return [
        one
        for one in content
        if not isinstance(one, Mapping) or str(one.get("partner")).casefold() == partner.casefold()
    ]


def _invite(session: Session, keepers: Sequence[Viewer], *, now: datetime) -> dict[str, str]:
    """A code for each partner without a manager; somebody else's record asks it in."""
    codes = {}
    for place, keeper in enumerate(keepers):
        partner = session.get_one(Partner, keeper.partner_id)
        if partner.joined_at is None:
            asking = keepers[place - 1]
            codes[partner.name] = invitations.invite(session, asking, partner, now=now)
    return codes
