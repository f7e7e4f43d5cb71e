"""Decisions as newcomers read them."""

from dataclasses import replace

from bot.db.engine import Database
from bot.features.decisions import briefing, capture
from bot.features.decisions.capture import Draft
from bot.people import committees
from bot.people.models import AudienceKind, Member
from bot.people.viewer import Viewer
from tests.builders import make_alliance
from tests.harness import MONDAY

HIRED = Draft(what="Hire a statistician", audience=AudienceKind.PARTNER)


def read(database: Database, viewer: Viewer, render: object) -> str:
    assert callable(render)
    with database.read() as session:
        return "\n".join(block.plain_text() for block in render(session, viewer, MONDAY))


def test_those_of_her_committees_and_those_of_all_are_told_apart(database: Database) -> None:
    viewer = make_alliance(database)
    with database.write() as session:
        jsc = committees.add_committee(session, viewer, "JSC", now=MONDAY)
        ana = session.get_one(Member, viewer.member_id)
        committees.seat(session, viewer, jsc, ana, kind="member", since=MONDAY)
        site = Draft(what="Use the Basel site", committee=jsc, audience=AudienceKind.ALLIANCE)
        capture.save(session, viewer, site, now=MONDAY)
        capture.save(
            session,
            viewer,
            Draft(what="Hire a statistician", audience=AudienceKind.PARTNER),
            now=MONDAY,
        )
    everything = read(database, viewer, briefing.render_decisions)
    assert "Basel site" in everything
    assert "statistician" in everything
    own = read(database, viewer, briefing.render_own)
    assert "Basel site" in own
    assert "statistician" not in own


def test_another_side_reads_nothing_of_what_is_kept_from_it(database: Database) -> None:
    viewer = make_alliance(database)
    with database.write() as session:
        capture.save(
            session,
            viewer,
            Draft(what="Hire a statistician", audience=AudienceKind.PARTNER),
            now=MONDAY,
        )
    other = replace(viewer, partner_id="f" * 24, member_id="f" * 24)
    assert read(database, other, briefing.render_decisions) == ""
    assert "Capture decision" in read(database, other, briefing.render_how)
