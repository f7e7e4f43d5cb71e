"""A strict fake of Slack: its Web API, Socket Mode, and the people who use it."""

from .errors import ApiError, BotUnreachable, SlackRefuses
from .fake import FakeSlack
from .faults import Gate
from .people import User
from .records import Call, Channel, Installation, Member, Message, Response, Team, View

__all__ = [
    "ApiError",
    "BotUnreachable",
    "Call",
    "Channel",
    "FakeSlack",
    "Gate",
    "Installation",
    "Member",
    "Message",
    "Response",
    "SlackRefuses",
    "Team",
    "User",
    "View",
]
