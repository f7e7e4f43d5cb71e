"""Health, readiness and metrics of a whole process, over HTTP."""

import json
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from adapters.teams.manifest import build_manifest
from tests.fakes.slack import FakeSlack
from tests.harness import Bot, ManualClock
from tests.installing import install, many_workspaces

NAMES = {
    "entente_events",
    "entente_event_seconds",
    "entente_requests",
    "entente_deliveries",
    "entente_firings",
    "entente_platform_errors",
    "entente_outbox_depth",
    "entente_outbox_oldest_seconds",
}


@contextmanager
def running(database_url: str, clock: ManualClock):
    with FakeSlack() as slack:
        team = slack.team("Acme")
        with Bot(database_url, slack, clock) as bot:
            yield slack, team, bot


def get(bot: Bot, path: str) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(f"{bot.url}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.headers["content-type"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers["content-type"]


def read_metrics(bot: Bot) -> dict[str, dict[tuple[str, ...], float]]:
    status, text, kind = get(bot, "/metrics")
    assert status == 200
    assert kind.startswith("text/plain")
    return {
        family.name: {
            (sample.name, *(f"{k}={v}" for k, v in sorted(sample.labels.items()))): sample.value
            for sample in family.samples
        }
        for family in text_string_to_metric_families(text)
    }


def test_a_bot_with_all_it_needs_is_alive_and_ready(database_url, clock):
    with running(database_url, clock) as (_, _, bot):
        assert get(bot, "/healthz")[:2] == (200, "alive")
        status, body, _ = get(bot, "/readyz")
        assert (status, json.loads(body)) == (200, {"ready": True})
        assert get(bot, "/elsewhere")[0] == 404


def test_a_database_that_is_behind_is_told_in_words(database_url, clock):
    with running(database_url, clock) as (_, _, bot):
        with bot.entente.database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM alembic_version")
        status, body, _ = get(bot, "/readyz")
        problems = json.loads(body)["problems"]
        assert status == 503
        assert set(problems) == {"database"}
        assert "entente db upgrade" in problems["database"]
        assert get(bot, "/healthz")[0] == 200


def test_slack_that_did_not_answer_yet_is_told_in_words(database_url, clock):
    with running(database_url, clock) as (_, _, bot):
        bot.entente.slack.app.is_connected = False
        status, body, _ = get(bot, "/readyz")
        assert status == 503
        assert json.loads(body)["problems"] == {"slack": "not connected to Slack yet"}


def test_a_token_that_slack_takes_no_more_is_told_in_words_until_it_does_again(database_url, clock):
    with running(database_url, clock) as (slack, team, bot):
        ana = slack.user("Ana", team=team)
        slack.channel("general", team=team, members=[ana])
        for method in ("chat.postMessage", "auth.test"):
            slack.fails(method, error="token_revoked", times=None)
        ana.dm("help")
        bot.settle()
        for _ in range(2):
            status, body, _ = get(bot, "/readyz")
            assert status == 503
            problem = json.loads(body)["problems"]["slack"]
            assert problem.startswith("Slack does not accept SLACK_BOT_TOKEN (token_revoked). Copy")
        assert len(slack.calls("auth.test")) == 2, "at the start, and once since"
        slack.works_again()
        ana.dm("help")
        bot.settle()
        assert get(bot, "/readyz")[0] == 200


def test_whether_slack_takes_a_token_again_is_asked_where_nothing_is_sent(sqlite_url, clock):
    with running(sqlite_url, clock) as (slack, team, bot):
        ana = slack.user("Ana", team=team)
        general = slack.channel("general", team=team, members=[ana])
        slack.fails("views.open", error="token_revoked")
        ana.slash("/alliance", "setup", channel=general)
        bot.settle()
        assert get(bot, "/readyz")[0] == 200
        assert len(slack.calls("auth.test")) == 2, "at the start, and once since"


def test_one_workspace_among_many_does_not_make_the_process_unready(sqlite_url, clock):
    with FakeSlack() as slack:
        team = slack.team("Acme")
        ana = slack.user("Ana", team=team)
        slack.channel("general", team=team, members=[ana])
        with Bot(sqlite_url, slack, clock, **many_workspaces(slack)) as bot:
            install(bot, slack, ana)
            slack.fails("chat.postMessage", error="token_revoked", times=None)
            ana.dm("help")
            bot.settle()
            errors = read_metrics(bot)["entente_platform_errors"]
            key = ("entente_platform_errors_total", "platform=slack", "reason=token_revoked")
            assert errors[key] > 0
            assert get(bot, "/readyz")[0] == 200


def test_metrics_parse_and_have_their_names(database_url, clock):
    with running(database_url, clock) as (slack, team, bot):
        ana = slack.user("Ana", team=team)
        slack.channel("general", team=team, members=[ana])
        ana.dm("help")
        bot.settle()
        found = read_metrics(bot)
        assert set(found) >= NAMES
        handled = ("entente_events_total", "kind=CommandInvoked", "outcome=handled")
        assert found["entente_events"][handled] == 1
        assert (
            found["entente_requests"][
                ("entente_requests_total", "outcome=passed", "platform=slack")
            ]
            == 1
        )
        assert found["entente_deliveries"][("entente_deliveries_total", "outcome=sent")] == 1
        counted = found["entente_event_seconds"]
        assert counted[("entente_event_seconds_count",)] == 1
        assert counted[("entente_event_seconds_bucket", "le=+Inf")] == 1
        assert found["entente_outbox_depth"] == {("entente_outbox_depth",): 0}


def test_metrics_name_what_slack_refused(database_url, clock):
    with running(database_url, clock) as (slack, team, bot):
        ana = slack.user("Ana", team=team)
        slack.channel("general", team=team, members=[ana])
        slack.fails("chat.postMessage", error="restricted_action")
        ana.dm("help")
        bot.settle()
        errors = read_metrics(bot)["entente_platform_errors"]
        key = ("entente_platform_errors_total", "platform=slack", "reason=restricted_action")
        assert errors[key] == 1


def test_a_message_that_is_tried_again_and_again_grows_old(database_url, clock):
    oldest = "entente_outbox_oldest_seconds"
    with running(database_url, clock) as (slack, team, bot):
        ana = slack.user("Ana", team=team)
        slack.channel("general", team=team, members=[ana])
        assert read_metrics(bot)[oldest] == {(oldest,): 0}
        slack.refuses_all()
        ana.dm("help")
        bot.settle()
        bot.advance(timedelta(hours=1))
        found = read_metrics(bot)
        assert found["entente_deliveries"][("entente_deliveries_total", "outcome=again")] > 5
        assert found[oldest][(oldest,)] >= 3600
        slack.works_again()
        bot.advance(timedelta(hours=1))
        assert read_metrics(bot)[oldest] == {(oldest,): 0}


def test_metrics_without_their_database_still_have_the_rest(database_url, clock):
    with running(database_url, clock) as (_, _, bot):
        rename(bot, "deliveries", "away")
        found = read_metrics(bot)
        rename(bot, "away", "deliveries")
        assert "entente_events" in found
        assert "entente_outbox_depth" not in found


def rename(bot, table, name):
    with bot.entente.database.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {name}")


def test_the_addresses_that_the_teams_app_names_say_something(
    sqlite_url: str, clock: ManualClock
) -> None:
    with running(sqlite_url, clock) as (_slack, _team, bot):
        named = build_manifest("https://a.example", "1" * 8 + "-1111-1111-1111-" + "1" * 12)
        for key in ("websiteUrl", "privacyUrl", "termsOfUseUrl"):
            address, _, part = named["developer"][key].partition("#")
            status, body, kind = get(bot, address.removeprefix("https://a.example"))
            assert (status, kind) == (200, "text/html; charset=utf-8")
            assert not part or f'id="{part}"' in body


def test_metrics_name_what_slack_refused_of_forms(database_url, clock):
    with running(database_url, clock) as (slack, team, bot):
        ana = slack.user("Ana", team=team)
        general = slack.channel("general", team=team, members=[ana])
        slack.fails("views.open", error="expired_trigger_id")
        ana.slash("/alliance", "setup", channel=general)
        bot.settle()
        errors = read_metrics(bot)["entente_platform_errors"]
        key = ("entente_platform_errors_total", "platform=slack", "reason=expired_trigger_id")
        assert errors[key] == 1
