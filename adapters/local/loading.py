"""What is known while the sample alliance is set up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from bot.dispatch.feature import Registry
from bot.people.models import Member
from bot.people.viewer import Viewer

BEGAN: Final = timedelta(days=30)
"""How long the sample's people have been at it when the playground opens."""


@dataclass(slots=True, kw_only=True)
class Loading:
    """Who is who, and whose channels are whose."""

    session: Session
    registry: Registry
    now: datetime
    viewers: dict[str, Viewer]
    managers: dict[str, Viewer]
    channels: dict[str, str]

    def get_member(self, name: str) -> Member:
        """The member of this name."""
        return self.session.get_one(Member, self.viewers[name].member_id)

    def get_first(self) -> Viewer:
        """The manager who set the alliance up."""
        return next(iter(self.managers.values()))
