"""People as a conversation's list of members shows them."""

from dataclasses import replace
from typing import Any

from adapters.teams.directory import Conversation, Person
from adapters.teams.names import compact
from bot.core.ports import UserProfile

Json = dict[str, Any]


def make_met(found: Json, conversation: Conversation) -> Person | None:
    """A member of a conversation, unless it is an app."""
    account = str(found.get("id") or "")
    if not account or account.startswith("28:"):
        return None
    return Person(
        person=get_member(found),
        account=account[:200],
        tenant=conversation.tenant,
        service_url=conversation.service_url,
        home=_text(found.get("tenantId")),
        seen_in=conversation.real_id,
    )


def get_member(found: Json) -> str:
    """Our id of a member."""
    return compact(str(found.get("aadObjectId") or found.get("objectId") or found.get("id") or ""))


def make_person(found: Json, known: Person) -> Person:
    """Somebody known, with what their profile adds."""
    account = str(found.get("id") or known.account)[:200]
    return replace(known, account=account, home=_text(found.get("tenantId")) or known.home)


def parse_member(found: Json, *, user: str, zone: str | None, tenant: str) -> UserProfile:
    """Teams' member as the core knows people. Guests are told by their role, and by the mark that
    their names carry in the tenant that invited them."""
    principal = str(found.get("userPrincipalName") or "")
    role = str(found.get("userRole") or "").casefold()
    home = _text(found.get("tenantId"))
    name = found.get("name") or " ".join(
        str(found[part]) for part in ("givenName", "surname") if found.get(part)
    )
    return UserProfile(
        user=user,
        workspace=home,
        name=str(name or user),
        zone=zone,
        email=_text(found.get("email")),
        is_guest=role in {"guest", "anonymous"} or "#ext#" in principal.casefold(),
        is_bot=user.startswith("28:"),
    )


def _text(value: object) -> str | None:
    return compact(str(value)) if value else None
