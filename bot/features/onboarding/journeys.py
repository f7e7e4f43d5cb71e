"""Journeys: beginning, holding, resuming and reading them. Set-based SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.ids import new_id
from bot.db.bulk import bind_moment, dump_rows, rows_sql, sql
from bot.features.onboarding.models import PIECE, Given, Journey, JourneyState, Track
from bot.features.onboarding.tracks import TrackKind, ensure_track
from bot.people.models import Member


def begin(
    session: Session,
    alliance_id: str,
    partner_id: str,
    members: Sequence[str],
    *,
    kind: TrackKind,
    cause: str,
    now: datetime,
    is_asked: bool = False,
    edition: int = 0,
) -> int:
    """Begin a journey for members of one partner, or wait for their manager; how many began.
    Whoever has one for this cause keeps it."""
    track = ensure_track(session, alliance_id, partner_id, kind, now=now)
    state = JourneyState.ASKED if is_asked else JourneyState.ACTIVE
    columns = {"id": "text", "member": "text"}
    done = session.connection().execute(
        sql(
            "INSERT INTO onboarding_journeys (id, alliance_id, member_id, track_id, kind, cause, "
            "state, edition, is_open, created_at, begun_at) SELECT v.id, :alliance, v.member, "
            ":track, :kind, :cause, :state, :edition, :open, :now, :now "
            f"FROM {rows_sql(session, columns)} WHERE true ON CONFLICT (member_id, cause) "
            "DO NOTHING"
        ),
        {
            "alliance": alliance_id,
            "track": track.id,
            "kind": kind.value,
            "cause": cause,
            "state": state.value,
            "edition": edition,
            "open": not is_asked,
            "now": bind_moment(session, now),
            "rows": dump_rows(session, ({"id": new_id(), "member": each} for each in members)),
        },
    )
    return int(done.rowcount)


def next_edition(session: Session, member_id: str) -> int:
    """A number that none of the member's journeys has had."""
    row = session.execute(
        sql("SELECT max(edition) FROM onboarding_journeys WHERE member_id = :member"),
        {"member": member_id},
    ).scalar_one()
    return 0 if row is None else int(row) + 1


def hold_recent(session: Session, partner_id: str, *, since: datetime) -> None:
    """Who joined since then and has got nothing yet waits for the manager too."""
    session.connection().execute(
        sql(
            "UPDATE onboarding_journeys SET state = 'asked', is_open = false, next_at = NULL "
            "WHERE state = 'active' AND cause = 'join' AND created_at > :since AND member_id IN "
            "(SELECT id FROM members WHERE partner_id = :partner) AND NOT EXISTS (SELECT 1 FROM "
            "onboarding_steps s WHERE s.journey_id = onboarding_journeys.id)"
        ),
        {"partner": partner_id, "since": bind_moment(session, since)},
    )


def accept(
    session: Session, partner_id: str, members: Sequence[str] | None, *, now: datetime
) -> int:
    """Let journeys begin that waited for a manager (of these members, or all); how many."""
    return _decide(session, partner_id, members, JourneyState.ACTIVE, now=now)


def decline(
    session: Session, partner_id: str, members: Sequence[str] | None, *, now: datetime
) -> int:
    """Those who waited are not onboarded unless somebody says `onboard`; how many."""
    return _decide(session, partner_id, members, JourneyState.DECLINED, now=now)


def _decide(
    session: Session,
    partner_id: str,
    members: Sequence[str] | None,
    state: JourneyState,
    *,
    now: datetime,
) -> int:
    among = "SELECT id FROM members WHERE partner_id = :partner"
    if members is not None:
        among += f" AND id IN (SELECT member FROM {rows_sql(session, {'member': 'text'})})"
    values = {
        "state": state.value,
        "open": state == JourneyState.ACTIVE,
        "now": bind_moment(session, now),
        "partner": partner_id,
    }
    if members is not None:
        values["rows"] = dump_rows(session, ({"member": member} for member in members))
    done = session.connection().execute(
        sql(
            "UPDATE onboarding_journeys SET state = :state, is_open = :open, begun_at = :now "
            f"WHERE state = 'asked' AND member_id IN ({among})"
        ),
        values,
    )
    return int(done.rowcount)


def pause_absent(
    session: Session, alliance_id: str, platform: str, rows: str, *, now: datetime
) -> None:
    """Of these people (`rows` of `person`), whoever is in no linked channel of the alliance any
    more: their journey waits until they come back; one not begun is forgotten."""
    run = session.connection().execute
    gone = run(
        sql(
            "SELECT DISTINCT b.member_id FROM "
            f"{rows_sql(session, {'person': 'text'})} JOIN accounts a ON a.platform = :platform "
            "AND a.external_id = v.person JOIN member_accounts b ON b.account_id = a.id"
        ),
        {"platform": platform, "rows": rows},
    )
    members = {row.member_id for row in gone}
    if not members:
        return
    source = rows_sql(session, {"member": "text"})
    still = run(
        sql(
            f"SELECT DISTINCT b.member_id FROM {source} JOIN member_accounts b "
            "ON b.member_id = v.member JOIN accounts a ON a.id = b.account_id "
            "JOIN onboarding_attendance p ON p.person = a.external_id "
            "JOIN channels c ON c.id = p.channel_id AND c.platform = a.platform "
            "AND c.state = 'linked' AND c.alliance_id || '' = :alliance"
        ),
        {
            "alliance": alliance_id,
            "rows": dump_rows(session, ({"member": member} for member in sorted(members))),
        },
    )
    absent = sorted(members - {row.member_id for row in still})
    # By member, not by alliance: SQLite would walk through everybody in it otherwise.
    among = f"alliance_id || '' = :alliance AND member_id IN (SELECT member FROM {source})"
    values = {
        "alliance": alliance_id,
        "rows": dump_rows(session, ({"member": member} for member in absent)),
    }
    run(sql(f"DELETE FROM onboarding_journeys WHERE state = 'asked' AND {among}"), values)
    run(
        sql(
            "UPDATE onboarding_journeys SET away_since = :now "
            f"WHERE cause = 'join' AND away_since IS NULL AND {among}"
        ),
        {**values, "now": bind_moment(session, now)},
    )
    run(
        sql(
            "UPDATE onboarding_journeys SET state = 'left', next_at = NULL, is_open = false "
            f"WHERE state IN ('active', 'unreachable') AND {among}"
        ),
        values,
    )


def resume(session: Session, members: Sequence[str]) -> None:
    """Who came back goes on where they stopped."""
    if members:
        among = f"(SELECT member FROM {rows_sql(session, {'member': 'text'})})"
        values = {"rows": dump_rows(session, ({"member": member} for member in members))}
        session.connection().execute(
            sql(
                "UPDATE onboarding_journeys SET away_since = NULL "
                f"WHERE away_since IS NOT NULL AND member_id IN {among}"
            ),
            values,
        )
        session.connection().execute(
            sql(
                "UPDATE onboarding_journeys SET state = 'active', is_open = true "
                f"WHERE state = 'left' AND member_id IN {among}"
            ),
            values,
        )


def get_journeys(session: Session, member_id: str) -> Sequence[Journey]:
    """A member's journeys along tracks of the side they belong to now, newest first."""
    return session.exec(
        select(Journey)
        .join(Track, col(Track.id) == col(Journey.track_id))
        .join(Member, col(Member.id) == col(Journey.member_id))
        .where(
            col(Journey.member_id) == member_id,
            col(Track.partner_id) == col(Member.partner_id),
        )
        .order_by(col(Journey.created_at).desc(), col(Journey.id).desc())
    ).all()


def get_given(session: Session, journey: Journey) -> Sequence[Given]:
    """The steps that the member got, or is about to get, on a journey's edition."""
    return session.exec(
        select(Given)
        .where(
            col(Given.member_id) == journey.member_id,
            col(Given.edition) == journey.edition,
            ~col(Given.step).startswith(PIECE),
        )
        .order_by(col(Given.id))
    ).all()


def restart(session: Session, journey: Journey, *, now: datetime) -> Journey:
    """Begin anew with the newest track: all steps come once more."""
    edition = next_edition(session, journey.member_id)
    old = journey.cause
    if journey.state != JourneyState.DONE:
        journey.state = JourneyState.ENDED
    journey.is_open, journey.next_at = False, None
    journey.cause = f"{old.split('#')[0]}#{journey.edition}"
    session.add(journey)
    session.flush()
    partner_id = session.execute(
        sql("SELECT partner_id FROM members WHERE id = :id"), {"id": journey.member_id}
    ).scalar_one()
    begin(
        session,
        journey.alliance_id,
        partner_id,
        [journey.member_id],
        kind=TrackKind(journey.kind),
        cause=old,
        edition=edition,
        now=now,
    )
    return get_journeys(session, journey.member_id)[0]
