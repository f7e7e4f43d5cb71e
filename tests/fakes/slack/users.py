"""The methods about who is who: auth, api, users, team, bots and OAuth."""

import datetime
from zoneinfo import ZoneInfo

from .errors import ApiError
from .records import Installation, Json, Member, Team
from .registry import Request, method
from .world import World


def render_user(member: Member, request: Request) -> Json:
    """A person as users.info shows them: less of those from other organisations."""
    offset = datetime.datetime.now(ZoneInfo(member.tz)).utcoffset() or datetime.timedelta()
    profile: Json = {
        "real_name": member.name,
        "real_name_normalized": member.name,
        "display_name": member.handle,
        "display_name_normalized": member.handle,
        "team": member.team.id,
    }
    if member.email and "users:read.email" in request.caller.scopes:
        profile["email"] = member.email
    rendered: Json = {
        "is_email_confirmed": member.is_email_confirmed,
        "id": member.id,
        "team_id": member.team.id,
        "name": member.handle,
        "real_name": member.name,
        "deleted": member.deleted,
        "tz": member.tz,
        "tz_label": member.tz,
        "tz_offset": int(offset.total_seconds()),
        "profile": profile,
        "is_bot": member.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if member.team.enterprise:
        rendered["enterprise_user"] = {"enterprise_id": member.team.enterprise}
    return {**rendered, **status_of(member, request)}


def status_of(member: Member, request: Request) -> Json:
    """What is told of colleagues only, or of strangers only."""
    if member.team is not request.caller.team:
        return {"is_stranger": not request.world.share_a_channel(member, request.caller)}
    status: Json = {
        "is_admin": member.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": member.is_restricted,
        "is_ultra_restricted": member.is_ultra_restricted,
    }
    if request.flag("include_locale"):
        status["locale"] = member.locale
    return status


def render_team(team: Team) -> Json:
    """A workspace as team.info shows it."""
    return {
        "id": team.id,
        "name": team.name,
        "domain": team.domain,
        "url": f"https://{team.domain}.slack.com/",
        "email_domain": "",
        "icon": {"image_default": True},
        "is_verified": False,
    }


@method("api.test")
def test_api(request: Request) -> Json:
    return {"args": request.arguments}


@method("auth.test")
def test_auth(request: Request) -> Json:
    caller = request.caller
    return {
        "url": f"https://{caller.team.domain}.slack.com/",
        "team": caller.team.name,
        "user": caller.bot.handle,
        "team_id": caller.team.id,
        "user_id": caller.bot.id,
        "bot_id": caller.bot_id,
        "app_id": request.world.app_id,
        "is_enterprise_install": False,
    }


@method("users.info", "user", scope="users:read", takes_json=False)
def get_user(request: Request) -> Json:
    return {"user": render_user(request.member(), request)}


@method("users.list", scope="users:read", takes_json=False)
def list_users(request: Request) -> Json:
    colleagues = [m for m in request.world.members.values() if m.team is request.caller.team]
    page, metadata = request.page(colleagues, request.number("limit", 1000, 1000))
    members = [render_user(member, request) for member in page]
    return {"members": members, "cache_ts": 1_700_000_000, "response_metadata": metadata}


@method("users.lookupByEmail", "email", scope="users:read.email", takes_json=False)
def find_user(request: Request) -> Json:
    for member in request.world.members.values():
        if member.email == request.text("email") and member.team is request.caller.team:
            return {"user": render_user(member, request)}
    raise ApiError("users_not_found")


@method("team.info", scope="team:read", takes_json=False)
def get_team(request: Request) -> Json:
    world, name = request.world, request.text("team", request.caller.team.id)
    team = world.teams.get(name)
    connected = {
        other
        for channel in world.channels.values()
        if request.caller.team in (channel.team, *channel.shared_with)
        for other in (channel.team, *channel.shared_with)
    }
    if team is None or team not in {request.caller.team, *connected}:
        raise ApiError("team_not_found")
    return {"team": render_team(team)}


@method("bots.info", scope="users:read", takes_json=False)
def get_bot(request: Request) -> Json:
    name = request.text("bot", request.caller.bot_id)
    for installation in request.world.installations.values():
        if installation.bot_id == name:
            return {"bot": render_bot(installation, request.world.app_id)}
    raise ApiError("bot_not_found")


def render_bot(installation: Installation, app_id: str) -> Json:
    """An app's bot as bots.info shows it."""
    return {
        "id": installation.bot_id,
        "deleted": installation.revoked,
        "name": installation.bot.name,
        "updated": 1_700_000_000,
        "app_id": app_id,
        "user_id": installation.bot.id,
        "icons": {},
    }


@method("auth.revoke", takes_json=False)
def revoke(request: Request) -> Json:
    request.caller.revoked = not request.flag("test")
    return {"revoked": request.caller.revoked}


def install(world: World, team: Team, token: str, scopes: set[str]) -> Installation:
    """Put the app into a workspace: a bot user, a bot id and a token of its own."""
    bot = Member(world.new_id("U", "BOT"), "Entente", team, is_bot=True)
    world.members[bot.id] = bot
    made = Installation(team, token, bot, world.new_id("B"), scopes)
    world.installations[token] = made
    return made


LASTS = 12 * 3600
"""Seconds that a token lives where tokens rotate."""


def exchange_code(world: World, arguments: Json) -> Json:
    """oauth.v2.access: an installation for a code, or a new token for an old one; each once."""
    if arguments.get("client_id") != world.client_id:
        raise ApiError("invalid_client_id")
    if arguments.get("client_secret") != world.client_secret:
        raise ApiError("bad_client_secret")
    if arguments.get("grant_type") == "refresh_token":
        return refresh_token(world, str(arguments.get("refresh_token")))
    code = world.oauth_codes.pop(str(arguments.get("code")), None)
    if code is None:
        raise ApiError("invalid_code")
    if arguments.get("redirect_uri") != code.redirect_uri:
        raise ApiError("bad_redirect_uri")
    before = next((i for i in world.installations.values() if i.team is code.team), None)
    scopes = set(world.first_installation().scopes)
    made = before or install(world, code.team, f"xoxb-{world.new_secret()}", scopes)
    made.revoked, made.is_organisation = False, code.is_organisation
    give_token(world, made)
    return {**render_grant(world, made), "authed_user": {"id": code.installer}}


def give_token(world: World, made: Installation) -> None:
    """A new token, and where they rotate one to exchange it with."""
    secret = world.new_secret()
    rotates = world.rotates_tokens
    made.refresh = f"xoxe-1-{secret}" if rotates else None
    token = f"xoxe.xoxb-1-{secret}" if rotates else f"xoxb-{secret}"
    world.replace_token(made, token, world.now() + LASTS if rotates else None)


def refresh_token(world: World, refresh: str) -> Json:
    """A new token; the old one lives on to its end."""
    found = (i for i in world.installations.values() if i.refresh == refresh and not i.revoked)
    made = next(found, None)
    if made is None:
        raise ApiError("invalid_refresh_token")
    world.former_tokens[made.token] = (made, made.ends_at)
    give_token(world, made)
    return render_grant(world, made)


def render_grant(world: World, made: Installation) -> Json:
    """What oauth.v2.access tells of an installation."""
    enterprise = {"id": made.enterprise, "name": made.team.name} if made.enterprise else None
    rotation = {"refresh_token": made.refresh, "expires_in": LASTS} if made.refresh else {}
    return {
        "access_token": made.token,
        "token_type": "bot",
        "scope": ",".join(sorted(made.scopes)),
        "bot_user_id": made.bot.id,
        "app_id": world.app_id,
        "team": None if made.is_organisation else {"id": made.team.id, "name": made.team.name},
        "enterprise": enterprise,
        "is_enterprise_install": made.is_organisation,
        **rotation,
    }
