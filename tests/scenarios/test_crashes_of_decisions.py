"""A process is killed between a confirmation and its announcement: neither is lost, and neither is
there twice."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.db.engine import Database
from bot.features.decisions import capture
from bot.features.decisions.capture import Draft, Source
from bot.features.decisions.models import Weight
from bot.people.models import Channel as Linked
from bot.people.models import Partner, Role, RoleKind
from bot.statements.models import Version
from bot.testing.world import add_member
from tests.fakes.slack import Channel, FakeSlack, Message, User
from tests.process import make_environment, serving, wait_until
from tests.scenarios.forging import forge_press
from tests.scenarios.test_confirmations import value_of
from tests.scene import Scene

pytestmark = pytest.mark.process

ANNOUNCED = "D-1 is confirmed by the partners"
TOLD = "Confirmed: D-1"


class Decided:
    """Ana of Acme has asked Borealis, for which Jonas speaks, to confirm a decision."""

    def __init__(self, slack: FakeSlack, database: Database) -> None:
        self.slack = slack
        self.scene = Scene(slack, database)
        self.steering: Channel = self.scene.channel("steering")
        borealis = slack.team("Borealis")
        self.jonas: User = slack.user("Jonas", team=borealis, tz="Europe/Zurich")
        self.joint = slack.channel(
            "joint",
            team=self.scene.team,
            shared_with=[borealis],
            members=[self.scene.ana, self.jonas],
            with_bot=True,
        )
        self._join(borealis.id)
        self._ask()

    def _join(self, workspace: str) -> None:
        viewer, now = self.scene.viewer, datetime.now(UTC)
        with self.scene.database.write() as session:
            partner = session.exec(select(Partner).where(Partner.name == "Borealis")).one()
            partner.joined_at = now
            member = add_member(
                session,
                viewer,
                platform="slack",
                workspace=workspace,
                user=self.jonas.id,
                person="Jonas",
                now=now,
            )
            member.partner_id = partner.id
            session.add_all((partner, member))
            session.flush()
            session.add(
                Role(
                    alliance_id=viewer.alliance_id,
                    partner_id=partner.id,
                    member_id=member.id,
                    kind=RoleKind.MANAGER,
                    since=now,
                )
            )

    def _ask(self) -> None:
        with self.scene.database.write() as session:
            channel = session.exec(
                select(Linked).where(col(Linked.external_id) == self.steering.id)
            ).one()
            draft = Draft(
                what="Use the Basel site", weight=Weight.ASKED, source=Source(channel=channel)
            )
            capture.save(session, self.scene.viewer, draft, now=datetime.now(UTC))

    def get_request(self) -> Message:
        """What Jonas was asked by, once it has reached him."""

        def found() -> list[Message]:
            dms = self.slack.dms(self.jonas)
            return [m for m in dms if "Confirm for Borealis" in self.slack.text_of(m)]

        self.slack.wait_for(found, what="the request")
        return found()[-1]

    def get_states(self) -> list[str]:
        with self.scene.database.read() as session:
            return list(session.exec(select(Version.state)))

    def count_announced(self) -> int:
        posts = [m for m in self.slack.messages(self.steering) if m.by_bot]
        return sum(ANNOUNCED in self.slack.text_of(post) for post in posts)

    def count_told(self) -> int:
        """How often Ana, who had asked, was told."""
        return sum(TOLD in self.slack.text_of(m) for m in self.slack.dms(self.scene.ana))


@pytest.fixture
def decided(database: Database) -> Iterator[Decided]:
    with FakeSlack() as slack:
        yield Decided(slack, database)


@pytest.mark.parametrize("was_posted", [False, True], ids=["nothing was sent", "all was sent"])
def test_killed_between_confirmation_and_announcement(
    decided: Decided, database_url: str, tmp_path: Path, *, was_posted: bool
) -> None:
    slack, scene, jonas = decided.slack, decided.scene, decided.jonas
    environment = make_environment(database_url, slack)
    with serving(tmp_path / "first", environment, slack, "run") as process:
        request = decided.get_request()
        version = value_of(request, "confirmations.confirm")
        wait_until(scene.is_idle, "the request's receipt")
        slack.hangs("chat.postMessage", recorded=was_posted, times=None)
        before = len(slack.calls("chat.postMessage"))
        assert jonas.presses(request, "Confirm for Borealis").status == 200
        slack.wait_for(lambda: len(slack.calls("chat.postMessage")) >= before + 2)
        process.kill()
    assert decided.get_states() == ["confirmed"]
    assert "queued" in scene.states() or "sending" in scene.states()
    assert decided.count_announced() == was_posted
    slack.works_again()
    with serving(tmp_path / "second", environment, slack, "run"):
        slack.wait_for(scene.is_idle, 30, "an empty outbox")
        assert (decided.count_announced(), decided.count_told()) == (1, 1)
        forge_press(slack, jonas, "confirmations.confirm", version, decided.joint)
        slack.wait_for(lambda: slack.ephemerals(user=jonas), what="an answer to the second press")
        slack.wait_for(scene.is_idle, 30, "an empty outbox")
    assert decided.get_states() == ["confirmed"]
    assert (decided.count_announced(), decided.count_told()) == (1, 1)
    assert scene.count("voices") == 2
