"""Who belongs where: told from the workspace, never guessed."""

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.core.ports import UserProfile
from bot.db.engine import Database
from bot.people import identity
from bot.people.models import AudienceKind, Member, Partner, PartnerWorkspace
from bot.people.viewer import Viewer, get_viewers
from tests.builders import make_alliance
from tests.harness import MONDAY


def _join(database: Database, ana: Viewer, **profile: object) -> Member:
    given_profile = {"user": "UTOM", "workspace": "TACME", "name": "Tom"} | profile
    with database.write() as session:
        account = identity.save_account(
            session,
            "slack",
            UserProfile(**given_profile),
            now=MONDAY,  # type: ignore[arg-type]
        )
        return identity.ensure_member(session, ana.alliance_id, account, now=MONDAY)


def test_people_of_a_partners_workspace_are_that_partners(database: Database) -> None:
    ana = make_alliance(database)
    assert _join(database, ana).partner_id == ana.partner_id


def test_a_guest_is_unplaced(database: Database) -> None:
    ana = make_alliance(database)
    assert _join(database, ana, is_guest=True).partner_id is None


def test_people_of_an_unknown_workspace_are_unplaced(database: Database) -> None:
    ana = make_alliance(database)
    assert _join(database, ana, workspace="TELSE").partner_id is None


def test_people_of_a_workspace_that_two_partners_share_are_unplaced(database: Database) -> None:
    ana = make_alliance(database)
    with database.write() as session:
        other = session.exec(select(Partner).where(col(Partner.name) == "Borealis")).one()
        shared = session.exec(select(PartnerWorkspace)).one()
        session.add(PartnerWorkspace(partner_id=other.id, workspace_id=shared.workspace_id))
    assert _join(database, ana).partner_id is None


def test_of_workspaces_with_one_user_of_ours_that_counts_in_which_it_was_heard(
    database: Database,
) -> None:
    with database.write() as session:
        for tenant in ("acme", "borealis", "cygnus"):
            identity.save_workspace(session, "teams", tenant, bot_user="28:entente")
        found = [
            identity.get_bot_home(session, "teams", "28:entente", heard_in=tenant)
            for tenant in ("borealis", "cygnus", "acme", "elsewhere")
        ]
    assert [each and each.external_id for each in found][:3] == ["borealis", "cygnus", "acme"]
    assert found[3] is not None


def test_whoever_comes_back_is_the_same_member(database: Database) -> None:
    ana = make_alliance(database)
    first = _join(database, ana)
    with database.write() as session:
        session.get_one(Member, first.id).left_at = MONDAY
    again = _join(database, ana)
    assert (again.id, again.left_at) == (first.id, None)


def test_whoever_is_renamed_on_their_platform_goes_by_the_new_name(database: Database) -> None:
    ana = make_alliance(database)
    member = _join(database, ana, name="Mei Tanaka")
    assert _join(database, ana, name="Mei Sato").id == member.id
    with database.write() as session:
        found = session.get_one(Member, member.id)
        assert found.name == "Mei Sato"
        found.name = "Dr. Sato"  # as another account of hers is called
        session.add(found)
    assert _join(database, ana, name="M. Sato").name == "Dr. Sato"


def test_a_member_who_left_is_no_viewer(database: Database) -> None:
    ana = make_alliance(database)
    with database.write() as session:
        session.get_one(Member, ana.member_id).left_at = MONDAY
    with database.read() as session:
        assert get_viewers(session, ana.account_id) == []


@given(st.sampled_from(AudienceKind), st.booleans(), st.booleans())
def test_an_audience_lets_through_only_those_it_names(
    kind: AudienceKind, same_alliance: bool, same_partner: bool
) -> None:
    from sqlalchemy import create_engine
    from sqlmodel import Session

    from bot.people.models import Channel
    from bot.people.viewer import visible_to

    engine = create_engine("sqlite://")
    Channel.metadata.create_all(engine)
    viewer = Viewer(
        account_id="a",
        alliance_id="al",
        member_id="m",
        member_name="",
        partner_id="p",
        partner_name="",
        is_manager=True,
    )
    with Session(engine) as session:
        session.add(
            Channel(
                alliance_id="al" if same_alliance else "other",
                workspace_id="w",
                platform="slack",
                external_id="C",
                name="c",
                state="linked",
                linked_at=MONDAY,
                audience_kind=kind,
                audience_id="p" if same_partner else "q",
            )
        )
        session.flush()
        seen = session.exec(select(Channel).where(visible_to(viewer, Channel))).first()
    engine.dispose()
    may_see = kind == AudienceKind.ALLIANCE or (kind == AudienceKind.PARTNER and same_partner)
    assert (seen is not None) == (same_alliance and may_see)
