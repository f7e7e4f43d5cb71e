"""What of Teams goes when a tenant is purged."""

from sqlmodel import Session, select

from adapters.teams.models import TeamsConversation, TeamsPerson
from adapters.teams.purge import FEATURE
from bot.db.engine import Database
from bot.dispatch.feature import Registry
from bot.dispatch.purge import purge_batch
from bot.people import installations
from bot.testing.world import make_alliance
from tests.harness import MONDAY

URL = "https://smba.trafficmanager.net/emea/"


def add_person(session: Session, person: str, *, tenant: str, home: str | None) -> None:
    session.add(
        TeamsPerson(
            person=person,
            account=f"29:{person}",
            tenant=tenant,
            home=home,
            service_url=URL,
            seen_at=MONDAY,
        )
    )


def test_a_tenants_conversations_and_people_go_and_no_others(database: Database) -> None:
    with database.write() as session:
        make_alliance(session, platform="teams", workspace="acme", user="ana", now=MONDAY)
        for tenant in ("acme", "borealis"):
            session.add(
                TeamsConversation(
                    id=f"19:{tenant}",
                    real_id=f"19:{tenant}",
                    kind="channel",
                    tenant=tenant,
                    service_url=URL,
                    seen_at=MONDAY,
                )
            )
        add_person(session, "ana", tenant="borealis", home="acme")
        add_person(session, "tom", tenant="acme", home=None)
        add_person(session, "guest", tenant="acme", home="borealis")
        add_person(session, "mei", tenant="borealis", home=None)
    more = True
    while more:
        with database.write() as session:
            workspace = installations.get_workspace(session, "teams", "acme")
            assert workspace is not None
            more = purge_batch(Registry([FEATURE]), session, workspace, now=MONDAY)
    with database.read() as session:
        assert session.exec(select(TeamsConversation.tenant)).all() == ["borealis"]
        assert set(session.exec(select(TeamsPerson.person))) == {"guest", "mei"}
