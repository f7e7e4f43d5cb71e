"""Whole process trees before the strict fake Slack, over HTTP and over Socket Mode."""

import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.db.engine import Database
from bot.delivery.outbox import Address, Deliver, enqueue
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

pytestmark = pytest.mark.process

STAR = "As one team, give children with Marlow syndrome an ordinary school day."


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as opened:
        yield opened


class Tree:
    """`entente web` and `entente worker`, over HTTP or (with an app token) over a socket."""

    def __init__(self, slack: FakeSlack, url: str, folder: Path, *, app_token: str = "") -> None:
        # Over a socket nothing is signed.
        socket = {"SLACK_APP_TOKEN": app_token, "SLACK_SIGNING_SECRET": ""}
        more = socket if app_token else {}
        self.environment = make_environment(url, slack, **more)
        self.slack = slack
        self.folder = folder
        self.is_socket = bool(app_token)
        self.database = Database(url)

    def run(self, *arguments: str) -> Process:
        return run(self.folder, self.environment, *arguments)

    def worker(self) -> AbstractContextManager[Process]:
        @contextmanager
        def started() -> Iterator[Process]:
            with Process(self.folder, self.environment, "worker") as process:
                yield process.wait_until_started()

        return started()

    def web(self) -> AbstractContextManager[Process]:
        return self._listening() if self.is_socket else self._serving()

    def _serving(self) -> AbstractContextManager[Process]:
        return serving(self.folder, self.environment, self.slack, "web")

    @contextmanager
    def _listening(self) -> Iterator[Process]:
        self.slack.wait_for(lambda: self.slack.connections == 0, what="the old sockets' end")
        with serving(self.folder, self.environment, self.slack, "web") as process:
            self.slack.events_url = None
            self.slack.wait_for_connection()
            yield process

    def execute(self, statement: str) -> None:
        with self.database.write() as session:
            session.execute(text(statement))

    def read(self, statement: str) -> list[tuple[object, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(statement))]

    def make_due(self) -> None:
        """Move every reminder's next moment into the past."""
        moment = "datetime('now', '-5 seconds')" if self.database.is_sqlite else "now()"
        self.execute(f"UPDATE reminder_clocks SET next_at = {moment}")


@pytest.fixture(params=["http on postgresql", "socket on sqlite"])
def tree(request: pytest.FixtureRequest, slack: FakeSlack, tmp_path: Path) -> Iterator[Tree]:
    if request.param == "http on postgresql":
        made = Tree(slack, request.getfixturevalue("empty_postgres_url"), tmp_path)
    else:
        url = f"sqlite:///{tmp_path}/entente.db"
        made = Tree(slack, url, tmp_path, app_token=slack.app_token)
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

    with tree.worker() as worker:
        with tree.web() as web:
            set_up(slack, ana, steering)
            web.kill()
        with tree.web() as web:
            schedule(slack, ana, steering)
            worker.kill()
            tree.make_due()
            with tree.worker() as worker:
                (post,) = slack.wait_for(lambda: bot_messages(slack, steering))
                (direct,) = slack.wait_for(lambda: slack.dms(ana))
                for message in (post, direct):
                    assert STAR in slack.text_of(message)
                assert "set up by Ana (Acme)" in slack.text_of(post)
                assert "Ana (Acme) set this up for you" in slack.text_of(direct)
                pause(tree, slack, ana, steering)
                for process in (web, worker):
                    process.terminate()
                    assert process.wait() == 0
                    assert "Traceback" not in process.said
    assert bot_messages(slack, steering) == [post]
    assert slack.dms(ana) == [direct]
    assert bot_messages(slack, elsewhere) == []
    assert slack.strict_errors == []


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
    tree.make_due()
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
