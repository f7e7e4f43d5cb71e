"""Ready-made alliances for tests that begin below the platforms."""

from bot.core.ports import UserProfile
from bot.db.engine import Database
from bot.people import alliances, identity
from bot.people.alliances import NewAlliance
from bot.people.viewer import Viewer
from tests.harness import MONDAY


def make_alliance(
    database: Database,
    *,
    name: str = "Acme–Borealis",
    own_partner: str = "Acme",
    others: tuple[str, ...] = ("Borealis",),
    user: str = "UANA",
    workspace: str = "TACME",
    zone: str = "Europe/Berlin",
    countries: tuple[str, ...] = ("DE",),
) -> Viewer:
    """An alliance; answers its founder, a manager, as viewer."""
    profile = UserProfile(user=user, workspace=workspace, name="Ana", zone=zone)
    with database.write() as session:
        founder = identity.save_account(session, "slack", profile, now=MONDAY)
        new = NewAlliance(
            name=name,
            own_partner=own_partner,
            other_partners=others,
            zone=zone,
            hours_start="09:00",
            hours_end="17:00",
            countries=countries,
        )
        return alliances.create(session, new, founder=founder, now=MONDAY)
