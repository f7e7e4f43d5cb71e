"""People, committees and seats in an alliance's record.

Committees come along, without anybody on them. Who sits there is for each partner's manager to
say: the seats of a record wait on their home view, and give nobody a voice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import true
from sqlmodel import Session, col, select

from bot.core.events import ButtonPressed
from bot.core.records import items_of, problem_at, text_of
from bot.core.views import Block, Button, Heading, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, RecordSection
from bot.dispatch.messages import say, words
from bot.people import alliances, committees, origins, partings
from bot.people.models import Committee, Member, Partner, Seat, SeatKind
from bot.people.viewer import Viewer, visible_to

PEOPLE, COMMITTEES, SEATS = "people", "committees", "seats"
_TEXT = {"type": "string", "maxLength": 600}
_NAME = {"type": "string", "minLength": 1, "maxLength": 120}
_MOMENT = {"type": ["string", "null"], "maxLength": 40}
_ID = {"type": "string", "maxLength": 64}


def _dump_people(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    managers = alliances.get_manager_ids(session, viewer.alliance_id)
    partners = {p.id: p.name for p in alliances.get_known_partners(session, viewer)}
    if viewer.left_at is not None:
        # Who came to the others since, and who went, is none of theirs.
        partners = {id_: name for id_, name in partners.items() if id_ == viewer.partner_id}
        managers = {m.id for m in partings.get_managers(session, viewer.alliance_id)}
    return [
        {
            "id": member.id,
            "name": member.name,
            "partner": partners[member.partner_id],
            "roles": ["manager"] if member.id in managers else [],
        }
        for member in alliances.get_members(session, viewer.alliance_id)
        if member.partner_id in partners
    ]


def _dump_committees(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    found = session.exec(
        select(Committee).where(visible_to(viewer, Committee)).order_by(col(Committee.name))
    ).all()
    seats = _dump_seats(session, viewer, [committee.id for committee in found])
    return [
        {
            "id": committee.id,
            "name": committee.name,
            "decides": committee.decides,
            "rule": committee.rule,
            "meets_at": committee.meets_at.isoformat() if committee.meets_at else None,
            "seats": seats.get(committee.id, []),
        }
        for committee in found
    ]


def _dump_seats(
    session: Session, viewer: Viewer, ids: list[str]
) -> dict[str, list[dict[str, Any]]]:
    """The seats by committee; for people of a partner that left, as they were then."""
    partners = [partner.id for partner in alliances.get_known_partners(session, viewer)]
    left_at = viewer.left_at
    names = dict(
        session.exec(
            select(Member.id, Member.name)
            .join(Seat, col(Seat.deputy_id) == col(Member.id))
            .where(col(Seat.committee_id).in_(ids))
        ).all()
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for seat, member, partner in session.exec(
        select(Seat, Member.name, Partner.name)
        .join(Member, col(Member.id) == col(Seat.member_id))
        .join(Partner, col(Partner.id) == col(Seat.partner_id))
        .where(
            col(Seat.committee_id).in_(ids),
            col(Partner.id).in_(partners),
            true() if left_at is None else col(Seat.since) <= left_at,
        )
        .order_by(col(Partner.name), col(Seat.since), col(Seat.id))
    ):
        found.setdefault(seat.committee_id, []).append(
            {
                "id": seat.id,
                "partner": partner,
                "person": member,
                "kind": seat.kind,
                "since": seat.since.isoformat(),
                "until": _say_until(seat, left_at),
                # When a deputy was named is not kept: of others it may be since.
                "deputy": names.get(seat.deputy_id or "")
                if left_at is None or seat.partner_id == viewer.partner_id
                else None,
            }
        )
    _add_waiting(session, viewer, found)
    return found


def _add_waiting(session: Session, viewer: Viewer, found: dict[str, list[dict[str, Any]]]) -> None:
    """Seats that came with a record, and wait for the manager of the viewer's partner."""
    waiting = origins.get_waiting(session, viewer, SEATS)
    if not waiting:
        return
    known = select(Committee).where(col(Committee.alliance_id) == viewer.alliance_id)
    ids = {committee.name: committee.id for committee in session.exec(known)}
    for brought in waiting:
        content = {key: value for key, value in brought.content.items() if key != "committee"}
        said = {"id": brought.origin, "partner": viewer.partner_name, "proposed": True}
        seats = found.setdefault(ids.get(str(brought.content.get("committee")), ""), [])
        person = str(content.get("person")).casefold()
        if all(seat["person"].casefold() != person for seat in seats):
            seats.append({**content, **said})


def _say_until(seat: Seat, left_at: datetime | None) -> str | None:
    is_known = seat.until is not None and (left_at is None or seat.until <= left_at)
    return seat.until.isoformat() if seat.until and is_known else None


def _load_people(session: Session, viewer: Viewer, found: Any, now: datetime) -> Sequence[str]:
    """People come by themselves, with accounts of their own; a record makes nobody anything."""
    return ()


def _load_committees(session: Session, viewer: Viewer, found: Any, now: datetime) -> Sequence[str]:
    done = []
    for item in items_of(found):
        committee = _find(session, viewer, item)
        if committee is None:
            committee = _make(session, viewer, item, now=now)
            done.append(words("record.committee", committee=committee.name))
        done += _load_seats(session, viewer, committee, item, now=now)
    return done


def _find(session: Session, viewer: Viewer, item: Mapping[str, Any]) -> Committee | None:
    name = text_of(item, "name").casefold()
    brought = origins.get(session, viewer.alliance_id, COMMITTEES, _origin(item))
    known = session.exec(
        select(Committee).where(col(Committee.alliance_id) == viewer.alliance_id)
    ).all()
    ids = {text_of(item, "id"), brought.local_id if brought else ""}
    by_id = next((c for c in known if c.id in ids), None)
    return by_id or next((c for c in known if c.name.casefold() == name), None)


def _origin(item: Mapping[str, Any]) -> str:
    return origins.make_origin(item, text_of(item, "name"))


def _make(session: Session, viewer: Viewer, item: Mapping[str, Any], *, now: datetime) -> Committee:
    committee = committees.add_committee(session, viewer, text_of(item, "name"), now=now)
    committee.decides, committee.rule = text_of(item, "decides"), text_of(item, "rule")
    committee.meets_at = _read_moment(item, "meets_at")
    session.add(committee)
    session.flush()
    origins.note(
        session, viewer, COMMITTEES, _origin(item), now=now, local_id=committee.id, content=item
    )
    return committee


def _read_moment(item: Mapping[str, Any], key: str) -> datetime | None:
    said = text_of(item, key)
    if not said:
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise problem_at(item, key, "expected a moment such as 2027-03-11T10:00+01:00") from None
    if moment.tzinfo is None:
        raise problem_at(item, key, "expected its distance to UTC too, such as +01:00")
    return moment


def _load_seats(
    session: Session,
    viewer: Viewer,
    committee: Committee,
    item: Mapping[str, Any],
    *,
    now: datetime,
) -> list[str]:
    count = 0
    for seat in items_of(item.get("seats")):
        until = _read_moment(seat, "until")
        if until is not None and until <= now:
            continue
        person = text_of(seat, "person")
        here = [m.name.casefold() for _, m, _ in committees.get_seats(session, committee, now=now)]
        if person.casefold() in here:
            continue
        count += origins.note(
            session,
            viewer,
            SEATS,
            origins.make_origin(seat, committee.name, viewer.partner_name or "", person),
            now=now,
            content={**seat, "committee": committee.name},
        )
    if not count:
        return []
    return [words("record.seats", count=count, partner=viewer.partner_name)]


def render_home(context: Context, viewer: Viewer) -> Sequence[Block]:
    """For managers: whose seats in an imported record wait for them."""
    if not viewer.is_manager:
        return ()
    waiting = origins.get_waiting(context.session, viewer, SEATS)
    seated = {
        (committee.name, member.name.casefold())
        for committee in committees.get_committees(context.session, viewer)
        for _, member, _ in committees.get_seats(context.session, committee, now=context.now)
    }
    lines = [
        _say_seat(brought.content)
        for brought in waiting
        if (brought.content.get("committee"), str(brought.content.get("person")).casefold())
        not in seated
    ]
    if not lines:
        return ()
    button = actions(
        Button(label=words("record.seats_done"), action="roster.through", value=viewer.alliance_id)
    )
    return (
        Heading(text=words("record.heading")),
        Text(text=say("record.seats_intro", partner=viewer.partner_name)),
        Text(text="\n".join(f"- {line}" for line in lines[:40])),
        *([button] if button else []),
    )


def _say_seat(content: Mapping[str, Any]) -> str:
    kind = content.get("kind") or SeatKind.MEMBER
    return say(
        "record.seat_line",
        person=content.get("person"),
        kind=str(kind).replace("_", "-"),
        committee=content.get("committee"),
    )


def press_through(context: Context, event: ButtonPressed) -> Answer:
    """The manager is through with the seats of an imported record."""
    context.enter(event.value)
    context.require(Needs.MANAGER)
    for brought in origins.get_waiting(context.session, context.viewer, SEATS):
        brought.done_at = context.now
        context.session.add(brought)
    return Answer(view=view(Text(text=say("record.seats_closed"))))


RECORD = (
    RecordSection(
        order=25,
        name=PEOPLE,
        dump=_dump_people,
        load=_load_people,
        schema={
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "partner"],
                "additionalProperties": False,
                "properties": {
                    "id": _ID,
                    "name": _NAME,
                    "partner": _NAME,
                    "roles": {"type": "array", "items": {"enum": ["manager"]}},
                },
            },
        },
    ),
    RecordSection(
        order=30,
        name=COMMITTEES,
        dump=_dump_committees,
        load=_load_committees,
        schema={
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": False,
                "properties": {
                    "id": _ID,
                    "name": {**_NAME, "maxLength": 80},
                    "decides": _TEXT,
                    "rule": _TEXT,
                    "meets_at": _MOMENT,
                    "seats": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["person", "partner"],
                            "additionalProperties": False,
                            "properties": {
                                "id": _ID,
                                "partner": _NAME,
                                "person": _NAME,
                                "kind": {"enum": [kind.value for kind in SeatKind]},
                                "since": _MOMENT,
                                "until": _MOMENT,
                                "deputy": {"type": ["string", "null"], "maxLength": 120},
                                "proposed": {
                                    "type": "boolean",
                                    "description": "It came with a record, and waits for the"
                                    " manager of its partner.",
                                },
                            },
                        },
                    },
                },
            },
        },
    ),
)
