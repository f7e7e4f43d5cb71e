"""Purging a workspace: what goes, what stays, and that nobody else's things are touched."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from bot.db.engine import Database
from bot.delivery.outbox import Address, Deliver, enqueue
from bot.dispatch import purge
from bot.dispatch.feature import Feature, Purged, Registry
from bot.people import channels, departures, identity, installations
from bot.people.models import (
    Account,
    Alliance,
    Channel,
    Member,
    Organisation,
    Partner,
    PartnerWorkspace,
    Workspace,
)
from bot.people.viewer import Viewer
from bot.testing.world import add_member, link_channel, make_alliance, make_view
from jobs import purge_removed
from tests.harness import MONDAY

GRACE = departures.GRACE


def make(session: Session, *, workspace: str, name: str, person: str) -> Viewer:
    return make_alliance(
        session,
        platform="slack",
        workspace=workspace,
        user=f"U{person}",
        person=person,
        name=name,
        now=MONDAY,
    )


def bring(session: Session, viewer: Viewer, workspace: str) -> None:
    """One more workspace of the viewer's partner."""
    found = identity.save_workspace(session, "slack", workspace)
    session.add(PartnerWorkspace(partner_id=viewer.partner_id or "", workspace_id=found.id))
    session.flush()


def run(database: Database, registry: Registry, external_id: str) -> int:
    """How many batches it took."""
    batches, more = 0, True
    while more:
        with database.write() as session:
            workspace = installations.get_workspace(session, "slack", external_id)
            assert workspace is not None
            more = purge.purge_batch(registry, session, workspace, now=MONDAY)
        batches += 1
    return batches


def names(database: Database, table: type[Account] | type[Member] | type[Partner]) -> list[str]:
    with database.read() as session:
        return sorted(row.name for row in session.exec(select(table)))


def test_features_are_told_what_goes_and_many_people_go_in_batches(database: Database) -> None:
    told: list[Purged] = []
    feature = Feature(name="notes", purge=lambda _session, purged: told.append(purged))
    with database.write() as session:
        viewer = make(session, workspace="T1", name="One", person="Ana")
        for number in range(purge.BATCH + 5):
            add_member(
                session,
                viewer,
                platform="slack",
                workspace="T1",
                user=f"U{number}",
                person=f"P{number}",
                now=MONDAY,
            )
    assert run(database, Registry([feature]), "T1") == 3
    assert len({user for each in told for user in each.users}) == purge.BATCH + 6
    assert len({member for each in told for member in each.members}) == purge.BATCH + 6
    assert told[-1].partners == (viewer.partner_id,)
    assert set(names(database, Account)) == {"a former member"}


def test_a_partner_with_another_workspace_stays_with_what_is_its_own(database: Database) -> None:
    with database.write() as session:
        viewer = make(session, workspace="T1", name="One", person="Ana")
        bring(session, viewer, "T2")
        add_member(
            session,
            viewer,
            platform="slack",
            workspace="T2",
            user="UTom",
            person="Tom",
            now=MONDAY,
        )
        for workspace, channel in (("T1", "C1"), ("T2", "C2")):
            link_channel(
                session,
                viewer,
                platform="slack",
                workspace=workspace,
                channel=channel,
                name=channel.lower(),
                now=MONDAY,
            )
    run(database, Registry([]), "T1")
    assert names(database, Member) == ["Tom", "a former member"]
    with database.read() as session:
        assert session.exec(select(Channel.external_id)).all() == ["C2"]
        acme = session.exec(select(Partner).where(col(Partner.name) == "Acme")).one()
        assert acme.left_at is None
        assert session.exec(select(Alliance)).one()
        assert session.exec(select(Organisation)).one()


def test_other_alliances_of_other_workspaces_are_left_alone(database: Database) -> None:
    with database.write() as session:
        make(session, workspace="T1", name="One", person="Ana")
        make(session, workspace="T9", name="Other", person="Zoe")
    run(database, Registry([]), "T1")
    with database.read() as session:
        assert session.exec(select(Alliance.name)).all() == ["Other"]
        assert session.exec(select(Workspace.external_id)).all() == ["T9"]
        assert {a.name for a in session.exec(select(Account))} == {"Zoe", "a former member"}


def test_one_company_in_two_alliances_leaves_both(database: Database) -> None:
    with database.write() as session:
        viewers = [
            make(session, workspace="T1", name=name, person="Ana") for name in ("One", "Two")
        ]
        for viewer in viewers:
            other = session.exec(
                select(Partner).where(
                    col(Partner.alliance_id) == viewer.alliance_id, col(Partner.name) == "Borealis"
                )
            ).one()
            other.joined_at = MONDAY
            session.add(other)
    run(database, Registry([]), "T1")
    with database.read() as session:
        assert len(session.exec(select(Alliance)).all()) == 2
        left = {p.name for p in session.exec(select(Partner)) if p.left_at is not None}
        assert left == {"Acme"}


def test_the_job_waits_for_the_grace_to_be_over(database: Database) -> None:
    registry = Registry([])
    with database.write() as session:
        make(session, workspace="T1", name="One", person="Ana")
        workspace = identity.save_workspace(session, "slack", "T1", bot_user="UBOT")
        assert departures.leave(session, workspace, now=MONDAY) != []
        assert departures.leave(session, workspace, now=MONDAY) == []
    with database.write() as session:
        assert not purge_removed.run(registry, session, MONDAY + GRACE - timedelta(seconds=1))
        assert session.exec(select(Workspace)).one()
    for _ in range(5):
        with database.write() as session:
            more = purge_removed.run(registry, session, MONDAY + GRACE)
        if not more:
            break
    with database.read() as session:
        assert session.exec(select(Workspace)).first() is None


def test_a_channel_follows_to_an_id_at_which_something_was_said_already(
    database: Database,
) -> None:
    with database.write() as session:
        viewer = make(session, workspace="T1", name="One", person="Ana")
        made = link_channel(
            session,
            viewer,
            platform="slack",
            workspace="T1",
            channel="C1",
            name="c",
            now=MONDAY,
        )
        for channel in ("C1", "C2"):
            to = Address(platform="slack", workspace="T1", channel=channel)
            enqueue(session, Deliver(to=to, view=make_view("Hello")), now=MONDAY)
        channels.move(session, made, "C2")
    with database.read() as session:
        lanes = session.execute(text("SELECT key, channel FROM lanes")).tuples().all()
        assert lanes == [("slack:C2", "C2")]
        assert session.execute(text("SELECT count(*) FROM deliveries")).scalar_one() == 2
