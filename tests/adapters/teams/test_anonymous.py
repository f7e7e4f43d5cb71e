"""The simulator's way in: this machine alone, and never beside an app id."""

import http.client
import json
from collections.abc import Iterator

import pytest

from adapters.settings import load_settings
from bot.core.errors import SettingsError
from tests.harness import Bot, ManualClock

ACTIVITY = {
    "type": "typing",
    "id": "1",
    "channelId": "msteams",
    "serviceUrl": "http://localhost:56150/_connector",
    "from": {"id": "user-id-0"},
    "recipient": {"id": "bot"},
    "conversation": {"id": "c", "conversationType": "personal"},
    "channelData": {"tenant": {"id": "t"}},
}


@pytest.fixture
def bot(sqlite_url: str, clock: ManualClock) -> Iterator[Bot]:
    with Bot(sqlite_url, None, clock, ENTENTE_TEAMS_ALLOW_ANONYMOUS=True) as made:
        yield made


def send(bot: Bot, activity: dict[str, object] = ACTIVITY, **headers: str) -> int:
    address = bot.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=10)
    given = {
        "Content-Type": "application/json",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    connection.request("POST", "/api/messages", json.dumps(activity), given)
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_simulator_is_heard_without_proof(bot: Bot) -> None:
    assert send(bot) == 200


@pytest.mark.parametrize(
    "header",
    [
        {"X_Forwarded_For": "10.0.0.1"},
        {"X_Forwarded_Proto": "https"},
        {"Forwarded": "for=10.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X_Real_IP": "10.0.0.1"},
        {"Origin": "https://evil.example"},
        {"Host": "evil.example:3000"},
    ],
)
def test_what_a_proxy_or_a_page_passed_on_is_refused(bot: Bot, header: dict[str, str]) -> None:
    assert send(bot, **header) == 403


def test_it_writes_to_this_machine_alone(bot: Bot) -> None:
    assert send(bot, {**ACTIVITY, "serviceUrl": "https://smba.trafficmanager.net/x"}) == 403


GUID = "00000000-0000-0000-0000-000000000001"
WRONG = {
    "MICROSOFT_APP_ID must be": {"MICROSOFT_APP_ID": "x"},
    "MICROSOFT_APP_PASSWORD is missing": {"MICROSOFT_APP_ID": GUID},
    "MICROSOFT_APP_ID is not": {"MICROSOFT_APP_PASSWORD": "p"},
    "must be SingleTenant or MultiTenant": {"MICROSOFT_APP_TYPE": "UserAssignedMSI"},
    "MICROSOFT_APP_TENANT_ID is missing": {
        "MICROSOFT_APP_ID": GUID,
        "MICROSOFT_APP_PASSWORD": "p",
    },
    "MICROSOFT_APP_TENANT_ID must be": {"MICROSOFT_APP_TENANT_ID": "acme.example"},
    "on this machine only": {"ENTENTE_TEAMS_ALLOW_ANONYMOUS": "1", "ENTENTE_HOST": "0.0.0.0"},
    "are both set": {
        "ENTENTE_TEAMS_ALLOW_ANONYMOUS": "1",
        "MICROSOFT_APP_ID": GUID,
        "MICROSOFT_APP_PASSWORD": "p",
        "MICROSOFT_APP_TENANT_ID": GUID,
    },
    "is for tests": {"ENTENTE_TEAMS_CLOUD_URL": "https://evil.example"},
}


@pytest.mark.parametrize("said", WRONG)
def test_settings_that_do_not_fit_are_said_in_words(said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_settings(_env_file=None, **WRONG[said])


def test_a_secret_never_shows_in_what_is_said() -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(_env_file=None, MICROSOFT_APP_PASSWORD=["hush-hush"])
    assert "hush-hush" not in str(error.value)


def test_many_tenants_log_in_without_a_tenant_of_their_own() -> None:
    settings = load_settings(
        _env_file=None,
        MICROSOFT_APP_ID=GUID,
        MICROSOFT_APP_PASSWORD="p",
        MICROSOFT_APP_TYPE="MultiTenant",
    )
    assert settings.has_teams
