"""A strict Microsoft Teams on this machine: login, signing keys and connector over HTTP, and people
who write, press buttons and fill in dialogs."""

from .errors import TeamsRefuses
from .fake import FakeTeams
from .person import Dialog, Response, TeamsUser
from .world import Card, Channel, Chat, Message, Tenant

__all__ = [
    "Card",
    "Channel",
    "Chat",
    "Dialog",
    "FakeTeams",
    "Message",
    "Response",
    "TeamsRefuses",
    "TeamsUser",
    "Tenant",
]
