"""Whole process trees before the strict fake Slack, over HTTP and over Socket Mode."""

import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text, update

from bot.db.engine import Database
from bot.delivery.outbox import Address, Deliver, enqueue
from bot.schedules.models import ReminderClock
from bot.testing.world import make_view
from tests.fakes.slack import Channel, FakeSlack, Message, User
from tests.fakes.teams import FakeTeams
from tests.process import (
    Process,
    answers,
    free_port,
    make_environment,
    run,
    serving,
    wait_until,
)
from tests.set_clock import PROGRAM, SECONDS_AHEAD

pytestmark = pytest.mark.process

STAR = "As one team, give children with Marlow syndrome an ordinary school day."


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as opened:
        yield opened


BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = datetime(2028, 3, 24, 11, tzinfo=BERLIN)
"""Two days before Berlin's clocks go forward."""

MONDAY = datetime(2028, 3, 27, 9, tzinfo=BERLIN)
IN_A_WEEK = datetime(2028, 4, 3, 9, tzinfo=BERLIN)


class Tree:
    """`entente web` and `entente worker`, over HTTP or (with an app token) over a socket; by a
    clock that can be put."""

    def __init__(self, slack: FakeSlack, url: str, folder: Path, *, app_token: str = "") -> None:
        # Over a socket nothing is signed.
        socket = {"SLACK_APP_TOKEN": app_token, "SLACK_SIGNING_SECRET": ""}
        more = socket if app_token else {}
        self._ahead = folder / "ahead"
        more[SECONDS_AHEAD] = str(self._ahead)
        self.environment = make_environment(url, slack, **more)
        self.slack = slack
        self.folder = folder
        self.is_socket = bool(app_token)
        self.database = Database(url)
        self.put_clock(FRIDAY)

    def put_clock(self, moment: datetime) -> None:
        """It is `moment` now, for the processes and for Slack."""
        new = self._ahead.with_suffix(".new")
        seconds = moment.timestamp() - time.time()
        new.write_text(str(seconds))
        self.slack.world.clock_offset = seconds
        new.replace(self._ahead)

    def run(self, *arguments: str) -> Process:
        return run(self.folder, self.environment, *arguments)

    def worker(self) -> AbstractContextManager[Process]:
        @contextmanager
        def started() -> Iterator[Process]:
            with Process(self.folder, self.environment, "worker", program=PROGRAM) as process:
                yield process.wait_until_started()

        return started()

    def web(self) -> AbstractContextManager[Process]:
        return self._listening() if self.is_socket else self._serving()

    def _serving(self) -> AbstractContextManager[Process]:
        return serving(self.folder, self.environment, self.slack, "web", program=PROGRAM)

    @contextmanager
    def _listening(self) -> Iterator[Process]:
        self.slack.wait_for(lambda: self.slack.connections == 0, what="the old sockets' end")
        with self._serving() as process:
            self.slack.events_url = None
            self.slack.wait_for_connection()
            yield process

    def is_idle(self) -> bool:
        """Whether nothing is left to be sent."""
        return not self.read("SELECT 1 FROM deliveries WHERE finished_at IS NULL")

    def read(self, statement: str) -> list[tuple[object, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(statement))]


@pytest.fixture(params=["http on postgresql", "http on sqlite", "socket on sqlite"])
def tree(request: pytest.FixtureRequest, slack: FakeSlack, tmp_path: Path) -> Iterator[Tree]:
    way, _, kind = str(request.param).split()
    if kind == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    else:
        url = f"sqlite:///{tmp_path}/entente.db"
    made = Tree(slack, url, tmp_path, app_token=slack.app_token if way == "socket" else "")
    yield made
    made.database.close()


def test_an_alliance_from_an_empty_database_to_its_reminders(tree: Tree, slack: FakeSlack) -> None:
    acme = slack.team("Acme")
    ana = slack.user("Ana", team=acme, tz="Europe/Berlin")
    steering = slack.channel("steering", team=acme, members=[ana], with_bot=False)
    elsewhere = slack.channel("elsewhere", team=acme, members=[ana])

    refused = tree.run("worker")
    assert refused.wait() == 1
    assert "The database is empty. Set it up with: entente db upgrade" in refused.said
    assert "Traceback" not in refused.said
    assert tree.run("db", "upgrade").wait() == 0

    with tree.worker() as worker, tree.web() as web:
        set_up(slack, ana, steering)
        for process in (web, worker):
            process.kill()
    with tree.web() as web:
        schedule(slack, ana, steering)
        tree.put_clock(MONDAY - timedelta(seconds=30))
        with tree.worker() as worker:
            kill_between_sending_and_receipt(tree, worker)
        with tree.worker() as worker:
            slack.wait_for(tree.is_idle, what="an empty outbox")
            (post,) = bot_messages(slack, steering)
            (direct,) = slack.dms(ana)
            for message in (post, direct):
                assert STAR in slack.text_of(message)
                assert float(message.ts) >= MONDAY.timestamp()
            assert "set up by Ana (Acme)" in slack.text_of(post)
            assert "Ana (Acme) set this up for you" in slack.text_of(direct)
            # Nine o'clock comes twice.
            tree.put_clock(MONDAY - timedelta(hours=1))
            tree.put_clock(MONDAY + timedelta(minutes=1))
            worker.kill()
        tree.put_clock(IN_A_WEEK + timedelta(hours=3))
        with tree.worker() as worker:
            slack.wait_for(lambda: len(bot_messages(slack, steering)) == 2)
            slack.wait_for(lambda: len(slack.dms(ana)) == 2)
            pause(tree, slack, ana, steering)
            for process in (web, worker):
                process.terminate()
                assert process.wait() == 0
                assert "Traceback" not in process.said
                assert "will be unused" not in process.said
    due = {tuple(row) for row in tree.read("SELECT due_at, state FROM firings")}
    assert len(due) == 3, due
    assert len(bot_messages(slack, steering)) == len(slack.dms(ana)) == 2
    assert bot_messages(slack, elsewhere) == []
    assert slack.strict_errors == []


def kill_between_sending_and_receipt(tree: Tree, worker: Process) -> None:
    """At nine, not before, both messages arrive; the worker does not live to hear of it."""
    slack = tree.slack
    before = len(slack.calls("chat.postMessage"))
    slack.hangs("chat.postMessage", recorded=True, times=2)
    tree.put_clock(MONDAY)
    slack.wait_for(lambda: len(slack.calls("chat.postMessage")) == before + 2)
    worker.kill()
    slack.works_again()
    assert "sent" not in {
        state for (state,) in tree.read("SELECT state FROM deliveries WHERE topic = 'reminder'")
    }


def bot_messages(slack: FakeSlack, channel: Channel) -> list[Message]:
    return [message for message in slack.messages(channel) if message.by_bot]


def hear(slack: FakeSlack, ana: User, words: str) -> str:
    """Wait until Ana alone was told something with these words; all of it."""

    def told() -> str | None:
        texts = [slack.text_of(message) for message in slack.ephemerals(user=ana)]
        return next((found for found in reversed(texts) if words in found), None)

    return slack.wait_for(told, what=f"{words!r}") or ""


def set_up(slack: FakeSlack, ana: User, steering: Channel) -> None:
    ana.slash("/alliance", "setup")
    (form,) = slack.wait_for(lambda: slack.views(ana))
    ana.submits(
        form,
        name="Acme–Borealis",
        own_partner="Acme",
        other_partners="Borealis",
        zone="Europe/Berlin",
        countries="DE",
    )
    for view in slack.views(ana):
        ana.closes(view)
    ana.slash("/alliance", "link", channel=steering)
    hear(slack, ana, "invite")
    ana.invites_bot(steering)
    ana.slash("/alliance", "link", channel=steering)
    hear(slack, ana, "now belongs to Acme–Borealis")
    ana.slash("/alliance", "north star set", channel=steering)
    (form,) = slack.wait_for(lambda: slack.views(ana))
    ana.submits(form, text=STAR)
    for view in slack.views(ana):
        ana.closes(view)


def schedule(slack: FakeSlack, ana: User, steering: Channel) -> None:
    for where in (steering.mention, ana.mention):
        line = f"remind add north star every monday 09:00 for {where}"
        ana.slash("/alliance", line, channel=steering)
        hear(slack, ana, STAR)
        ana.presses(slack.ephemerals(user=ana)[-1], "Set up a reminder")
        hear(slack, ana, "#steering. The first" if where == steering.mention else "1 person")


def pause(tree: Tree, slack: FakeSlack, ana: User, steering: Channel) -> None:
    """A paused reminder sends nothing, even if it fires."""
    ana.slash("/alliance", "remind pause 1", channel=steering)
    hear(slack, ana, "aused")
    ana.slash("/alliance", "status", channel=steering)
    assert "#steering" in hear(slack, ana, "1 reminder is running")
    before = tree.read("SELECT max(id) FROM deliveries")[0][0]
    # As if its moment had come in the same instant.
    with tree.database.write() as session:
        session.execute(update(ReminderClock).values(next_at=IN_A_WEEK + timedelta(hours=3)))
    query = f"SELECT state, reason FROM deliveries WHERE id > {before} ORDER BY reason"
    wait_until(lambda: ("skipped", "reminder paused") in tree.read(query), "the skip")


def test_processes_that_find_no_database_say_so(slack: FakeSlack, tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    said = run(tmp_path, make_environment(url, slack), "worker")
    assert said.wait() == 1
    assert "The database does not answer" in said.said
    assert "Traceback" not in said.said


def test_a_platform_that_is_away_holds_up_neither_the_other_nor_the_work(
    slack: FakeSlack, sqlite_url: str, tmp_path: Path
) -> None:
    port, nobody = free_port(), free_port()
    with FakeTeams() as teams:
        mei = teams.user("Mei", tenant=teams.tenant("Borealis"))
        environment = make_environment(
            sqlite_url,
            slack,
            SLACK_API_URL=f"http://127.0.0.1:{nobody}/api/",
            PORT=str(port),
            MICROSOFT_APP_ID=teams.app_id,
            MICROSOFT_APP_PASSWORD=teams.password,
            MICROSOFT_APP_TENANT_ID=teams.home,
            ENTENTE_TEAMS_CLOUD_URL=teams.url,
        )
        with Process(tmp_path, environment, "run") as process:
            process.wait_for("slack out of reach")
            teams.messages_url = f"http://127.0.0.1:{port}/api/messages"
            assert mei.writes("help").status == 200
            wait_until(lambda: teams.dms(mei), "an answer in Teams")
            database = Database(sqlite_url)
            to = Address(platform="teams", workspace=mei.tenant.id, user=mei.id)
            note = Deliver(to=to, view=make_view("From the outbox"))
            with database.write() as session:
                enqueue(session, note, now=datetime.now(UTC))
            database.close()
            wait_until(
                lambda: "From the outbox" in teams.text_of(teams.dms(mei)[-1]),
                "what the worker sends",
            )
            process.terminate()
            assert process.wait() == 0
            assert "Traceback" not in process.said
        assert teams.strict_errors == []


def test_a_token_that_is_not_accepted_is_the_operators_to_mend(
    slack: FakeSlack, sqlite_url: str, tmp_path: Path
) -> None:
    slack.team("Acme")
    environment = make_environment(sqlite_url, slack, SLACK_BOT_TOKEN="xoxb-of-another-app")
    said = run(tmp_path, environment, "worker")
    assert said.wait() == 1
    assert "Slack does not accept SLACK_BOT_TOKEN (invalid_auth)" in said.said


@pytest.fixture
def socket_environment(slack: FakeSlack, sqlite_url: str) -> dict[str, str]:
    """Slack is heard over a socket."""
    slack.team("Acme")
    return make_environment(
        sqlite_url,
        slack,
        SLACK_APP_TOKEN=slack.app_token,
        SLACK_SIGNING_SECRET="",
        PORT=str(free_port()),
    )


@pytest.mark.parametrize("command", ["run", "doctor"])
def test_an_app_token_that_is_not_accepted_is_the_operators_to_mend(
    socket_environment: dict[str, str], tmp_path: Path, command: str
) -> None:
    ended = run(tmp_path, {**socket_environment, "SLACK_APP_TOKEN": "xapp-wrong"}, command)
    assert ended.wait() == 1
    assert "Slack does not accept SLACK_APP_TOKEN (invalid_auth)" in ended.said
    assert "Traceback" not in ended.said


def test_a_socket_that_is_refused_holds_up_neither_sending_nor_the_end(
    slack: FakeSlack, socket_environment: dict[str, str], tmp_path: Path
) -> None:
    slack.fails("apps.connections.open", error="internal_error", times=None)
    with Process(tmp_path, socket_environment, "run") as process:
        process.wait_until_started()
        assert "socket refused" in process.said
        process.terminate()
        assert process.wait() == 0
        assert "Traceback" not in process.said


@pytest.mark.parametrize("command", ["web", "run"])
def test_with_a_socket_under_way_it_ends_when_told_to(
    slack: FakeSlack, socket_environment: dict[str, str], tmp_path: Path, command: str
) -> None:
    with Process(tmp_path, socket_environment, command) as process:
        process.wait_until_started()
        slack.wait_for_connection()
        process.terminate()
        assert process.wait() == 0
        assert "Traceback" not in process.said


def test_a_worker_tells_how_it_is_on_a_port_of_its_own(
    slack: FakeSlack, sqlite_url: str, tmp_path: Path
) -> None:
    slack.team("Acme")
    port = free_port()
    environment = make_environment(sqlite_url, slack, ENTENTE_WORKER_PORT=str(port))
    with Process(tmp_path, environment, "worker") as process:
        process.wait_until_started()
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{address}/readyz"), "/readyz to answer 200")
        with urllib.request.urlopen(f"{address}/metrics") as metrics:
            assert b"entente_firings_total" in metrics.read()
        assert not answers(f"{address}/slack/events")
        process.terminate()
        assert process.wait() == 0


def test_the_doctor_is_content_with_one_workspace_and_names_a_lost_scope(
    slack: FakeSlack, socket_environment: dict[str, str], tmp_path: Path
) -> None:
    well = run(tmp_path, socket_environment, "doctor")
    assert well.wait() == 0, well.said
    assert "in Acme" in well.said
    assert "every scope it needs" in well.said
    assert "Hearing Slack over Socket Mode." in well.said
    slack.installation.scopes -= {"reactions:read"}
    ill = run(tmp_path, socket_environment, "doctor")
    assert ill.wait() == 1
    assert "lacks these scopes: reactions:read" in ill.said
