"""Two organisations with Entente in both their workspaces, and a channel that they share."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from bot.people.installations import Installation
from bot.people.models import Account, Workspace
from tests.fakes.slack import Channel, FakeSlack, Message, Team, User
from tests.harness import Bot, ManualClock
from tests.installing import PUBLIC, install, many_workspaces, read_export
from tests.scenarios.conftest import STAR, World
from tests.scenarios.stored import chain_holds, dump

WEEK = timedelta(days=7)


class Both(World):
    """Acme and Borealis have installed Entente; it is in the channel they share through both."""

    borealis: Team
    jonas: User
    mia: User
    shared: Channel
    lab: Channel

    def settle_in(self, *, enterprise: str | None = None, is_wide: bool = False) -> None:
        self.borealis = self.slack.team("Borealis", enterprise=enterprise)
        self.jonas = self.slack.user("Jonas", team=self.borealis, tz="Europe/Zurich")
        self.mia = self.slack.user("Mia", team=self.borealis, tz="Europe/Zurich")
        for who in (self.ana, self.jonas):
            is_organisation = is_wide and who.team.enterprise is not None
            install(self.bot, self.slack, who, is_organisation=is_organisation)
        self.shared = self.slack.channel(
            "acme-borealis",
            team=self.acme,
            shared_with=[self.borealis],
            members=[self.ana, self.tom, self.jonas, self.mia],
        )
        self.lab = self.slack.channel("lab", team=self.borealis, members=[self.jonas, self.mia])

    def bot_of(self, team: Team) -> str:
        found = self.slack.world.installation_of(team)
        assert found is not None
        return found.bot.id

    def mention(self, who: User, words: str, *, bot: str) -> list[Message]:
        """What a person is told for a mention of one of the two bots."""
        before = len(self.slack.ephemerals(user=who))
        who.says(self.shared, f"<@{bot}> {words}")
        self.bot.settle()
        return self.slack.ephemerals(user=who)[before:]

    def join(self) -> None:
        """Ana invites, Jonas accepts with a slash command of his own workspace's."""
        said = self.say(self.ana, "invite Borealis")
        found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", said)
        assert found, said
        self.say(self.jonas, f"join {found.group()}", channel=self.lab)
        # The invitation's own form, or the button that opens it.
        if not self.slack.views(self.jonas):
            offered = self.slack.ephemerals(user=self.jonas)[-1]
            self.press(self.jonas, offered, "Accept the invitation")
        form = self.slack.views(self.jonas)[-1]
        answer = self.jonas.submits(form, name="Borealis", countries="CH")
        assert answer.status == 200, answer.text
        self.bot.settle()

    def share(self) -> None:
        """The shared channel is linked, and both managers have agreed."""
        self.say(self.ana, "link", channel=self.shared)
        self.agree(self.ana, self.slack.ephemerals(user=self.ana)[-1])
        self.agree(self.jonas, self.slack.dms(self.jonas)[-1])

    def agree(self, who: User, message: object) -> None:
        self.press(who, message, "Read and agree: #acme-borealis")
        who.submits(self.slack.views(who)[-1])
        self.bot.settle()

    def begin(self) -> None:
        self.start()
        self.join()
        self.share()

    def remind_in(self, who: User, channel: Channel) -> None:
        self.say(who, "remind add north star every monday 09:00", channel=channel)
        self.press(who, self.slack.ephemerals(user=who)[-1], "Set up a reminder")

    def posts_in(self, channel: Channel) -> list[Message]:
        return [m for m in self.slack.messages(channel) if m.by_bot]

    def uninstall(self, team: Team, *, revoked_first: bool) -> None:
        for event in self.slack.uninstall_silently(team, revoked_first=revoked_first):
            assert self.slack.delivers(event).status == 200
        self.bot.settle()

    def told(self, who: User, words: str) -> list[str]:
        return [said for said in self.dms(who) if words in said]


@contextmanager
def make_both(
    database_url: str,
    clock: ManualClock,
    *,
    grids: tuple[str | None, str | None] = (None, None),
    is_wide: bool = False,
    **settings: object,
) -> Iterator[Both]:
    """`grids`: the enterprises of Acme and Borealis; `is_wide`: Entente is in all of these."""
    with FakeSlack() as slack:
        acme = slack.team("Acme", enterprise=grids[0])
        ana = slack.user("Ana", team=acme, tz="Europe/Berlin")
        tom = slack.user("Tom", team=acme, tz="America/New_York")
        steering = slack.channel("steering", team=acme, members=[ana, tom])
        with Bot(database_url, slack, clock, **many_workspaces(slack, **settings)) as bot:
            world = Both(slack, bot, clock, acme, ana, tom, steering)
            world.settle_in(enterprise=grids[1], is_wide=is_wide)
            yield world
        assert slack.strict_errors == []


@pytest.fixture
def both(database_url: str, clock: ManualClock) -> Iterator[Both]:
    with make_both(database_url, clock) as made:
        yield made


@pytest.mark.parametrize("is_wide", [True, False])
@pytest.mark.parametrize("grids", [("E0ACME", None), (None, "E0BORE"), ("E0ACME", "E0BORE")])
def test_a_channel_shared_with_an_organisation_on_enterprise_grid_is_agreed_to(
    sqlite_url: str, clock: ManualClock, grids: tuple[str | None, str | None], is_wide: bool
) -> None:
    with make_both(sqlite_url, clock, grids=grids, is_wide=is_wide) as both:
        both.begin()
        (hello,) = both.posts_in(both.shared)
        assert "Borealis" in both.slack.text_of(hello)


def test_one_reminder_by_one_of_the_two_and_each_side_has_its_commands(both: Both) -> None:
    both.begin()
    (hello,) = both.posts_in(both.shared)
    assert "Borealis" in both.slack.text_of(hello)
    both.remind_in(both.ana, both.shared)
    before = len(both.posts_in(both.shared))
    both.bot.advance(WEEK)
    (post,) = both.posts_in(both.shared)[before:]
    assert (post.user, STAR in post.text) == (both.bot_of(both.acme), True)
    assert "Borealis" in both.say(both.jonas, "status", channel=both.lab)


@pytest.mark.parametrize("twice", [False, True])
def test_a_mention_of_either_is_answered_once_by_the_one_that_was_named(
    both: Both, twice: bool
) -> None:
    both.begin()
    both.slack.world.tells_every_installation = twice
    for who in (both.ana, both.jonas):
        for team in (both.acme, both.borealis):
            (said,) = both.mention(who, "status", bot=both.bot_of(team))
            assert "Acme–Borealis" in both.slack.text_of(said)
            assert said.user == both.bot_of(team)


def test_naming_both_at_once_gets_one_answer(both: Both) -> None:
    both.begin()
    other = f"<@{both.bot_of(both.borealis)}>"
    (said,) = both.mention(both.mia, f"{other} status", bot=both.bot_of(both.acme))
    assert "Acme–Borealis" in both.slack.text_of(said)


def test_the_two_do_not_talk_to_each_other(both: Both) -> None:
    both.begin()
    both.slack.echo_bot_messages = True
    both.remind_in(both.ana, both.shared)
    events = sum(both.bot.entente.dispatcher.counts.by_outcome.values())
    before = len(both.posts_in(both.shared))
    both.bot.advance(WEEK)
    both.bot.settle()
    assert len(both.posts_in(both.shared)) == before + 1
    assert sum(both.bot.entente.dispatcher.counts.by_outcome.values()) == events


@pytest.mark.parametrize("revoked_first", [True, False])
def test_one_side_uninstalls_and_the_other_goes_on(both: Both, revoked_first: bool) -> None:
    both.begin()
    both.say(both.jonas, f'north star set "{STAR}"', channel=both.lab)
    assert "now belongs to" in both.say(both.jonas, "link", channel=both.lab)
    both.remind_in(both.jonas, both.lab)
    both.remind_in(both.ana, both.shared)
    both.bot.advance(WEEK)
    assert len(both.posts_in(both.lab)) == 1
    token = both.slack.world.installation_of(both.borealis)
    assert token is not None

    both.uninstall(both.borealis, revoked_first=revoked_first)

    kept = both.bot.read(lambda session: list(session.exec(select(Installation.external_id))))
    assert kept == [both.acme.id]
    (told,) = both.told(both.ana, "has removed Entente")
    assert "22 March 2027" in told
    assert both.told(both.tom, "has removed Entente") == []
    shared, calls = len(both.posts_in(both.shared)), len(both.slack.calls("chat.postMessage"))
    both.bot.advance(WEEK)
    assert len(both.posts_in(both.lab)) == 1, "reminders there stop"
    assert len(both.posts_in(both.shared)) == shared + 1
    assert both.posts_in(both.shared)[-1].user == both.bot_of(both.acme)
    assert all(call.error is None for call in both.slack.calls("chat.postMessage")[calls:])


def test_the_one_that_is_left_takes_the_channel_over(both: Both) -> None:
    """Acme linked the channel, so Acme's installation posted: now Borealis's does."""
    both.begin()
    both.remind_in(both.ana, both.shared)
    both.remind_in(both.ana, both.steering)
    both.bot.advance(WEEK)
    both.uninstall(both.acme, revoked_first=True)
    (told,) = both.told(both.jonas, "has removed Entente")
    assert "#acme-borealis" in told
    before = len(both.posts_in(both.shared))
    in_steering = len(both.posts())
    both.bot.advance(WEEK)
    (post,) = both.posts_in(both.shared)[before:]
    assert post.user == both.bot_of(both.borealis)
    assert len(both.posts()) == in_steering
    (said,) = both.mention(both.ana, "status", bot=both.bot_of(both.borealis))
    assert "#acme-borealis" in both.slack.text_of(said)


def test_installed_again_within_the_grace_everything_goes_on(both: Both) -> None:
    both.begin()
    assert "now belongs to" in both.say(both.jonas, "link", channel=both.lab)
    both.say(both.jonas, f'north star set "{STAR}"', channel=both.lab)
    both.remind_in(both.jonas, both.lab)
    both.uninstall(both.borealis, revoked_first=False)
    both.bot.advance(WEEK)
    assert both.posts_in(both.lab) == []
    page = install(both.bot, both.slack, both.jonas)
    assert "Entente is back in Borealis" in page.text
    assert len(both.told(both.ana, "has Entente in its workspace again")) == 1
    both.bot.advance(4 * WEEK)
    assert len(both.posts_in(both.lab)) == 4
    assert "Jonas (alliance manager)" in both.say(both.jonas, "members", channel=both.lab)


def test_what_was_removed_before_it_was_installed_again_is_heard_late_and_does_nothing(
    both: Both,
) -> None:
    both.begin()
    late = both.slack.uninstall_silently(both.borealis)
    both.slack.advance(60)
    for event in late:
        event.payload["event_time"] -= 60
    install(both.bot, both.slack, both.jonas)
    for event in late:
        both.slack.delivers(event)
    both.bot.settle()
    assert both.told(both.ana, "has removed Entente") == []
    assert "Borealis" in both.say(both.jonas, "status", channel=both.lab)


def remind_and_reword(both: Both, words: str) -> str:
    """Jonas sets up a reminder of his own in his lab and says it in other words, which are the
    answer."""
    jonas, slack = both.jonas, both.slack
    both.say(jonas, f'remind add "{words}" every monday 09:00', channel=both.lab)
    both.press(jonas, slack.ephemerals(user=jonas)[-1], "Set up a reminder")
    both.say(jonas, "remind list", channel=both.lab)
    both.press(jonas, slack.ephemerals(user=jonas)[-1], "Change")
    answer = jonas.submits(slack.views(jonas)[-1], text="What Basel may spend.")
    assert answer.status == 200, answer.text
    both.bot.settle()
    return "What Basel may spend."


def test_after_the_grace_the_people_are_gone_and_the_record_stays(both: Both) -> None:
    both.begin()
    both.say(both.jonas, 'north star set "Only ours to know."', channel=both.lab)
    assert "now belongs to" in both.say(both.jonas, "link", channel=both.lab)
    reworded = remind_and_reword(both, "The Basel budget.")
    both.say(both.jonas, "term add Ledger = Where Basel keeps count.", channel=both.lab)
    both.mention(both.mia, "mute", bot=both.bot_of(both.borealis))
    both.uninstall(both.borealis, revoked_first=True)
    both.bot.advance(timedelta(days=13))
    assert both.jonas.id in dump(both.bot)
    both.bot.advance(timedelta(days=2))

    held = dump(both.bot)
    texts = (
        "Only ours to know.",
        "The Basel budget.",
        reworded,
        "Ledger",
        "Where Basel keeps count.",
    )
    people = (both.jonas.id, both.mia.id, "Jonas", "Mia")
    for gone in (*people, both.lab.id, both.borealis.id, *texts):
        assert gone not in held, gone
    workspaces = both.bot.read(lambda session: list(session.exec(select(Workspace.external_id))))
    assert workspaces == [both.acme.id]
    assert chain_holds(both.bot)
    members = both.say(both.ana, "members")
    assert "Ana" in members
    assert "Jonas" not in members
    assert STAR in both.say(both.ana, "north star")
    status = both.say(both.ana, "status")
    assert "silent" in status, "whoever agreed for Borealis is gone"


def test_a_lone_organisation_that_leaves_takes_everything_along(both: Both) -> None:
    both.start()
    both.remind_in(both.ana, both.steering)
    both.uninstall(both.acme, revoked_first=True)
    both.bot.advance(timedelta(days=16))
    held = dump(both.bot)
    for gone in (STAR, both.ana.id, both.steering.id, "Ana"):
        assert gone not in held, gone


def test_the_other_partners_private_channels_stay_out_of_reach(both: Both) -> None:
    """A mention of Acme's bot asks with Acme's eyes; Jonas may not link what he sees through it."""
    both.begin()
    named = f"<#{both.steering.id}|steering>"
    quiet = both.slack.channel("quiet", team=both.acme, members=[both.ana])
    for channel in (named, f"<#{quiet.id}|quiet>"):
        (said,) = both.mention(both.jonas, f"link {channel}", bot=both.bot_of(both.acme))
        assert "now belongs to" not in both.slack.text_of(said)
    (said,) = both.mention(both.ana, f"link <#{both.lab.id}|lab>", bot=both.bot_of(both.borealis))
    assert "now belongs to" not in both.slack.text_of(said)
    linked = both.bot.read(
        lambda session: set(session.execute(text("SELECT name FROM channels")).scalars())
    )
    assert linked == {"steering", "acme-borealis"}


def test_one_of_the_two_is_thrown_out_of_the_channel_and_the_other_speaks(both: Both) -> None:
    both.begin()
    both.remind_in(both.ana, both.shared)
    both.slack.remove_bot(both.shared, team=both.acme)
    before = len(both.posts_in(both.shared))
    both.bot.advance(WEEK)
    (post,) = both.posts_in(both.shared)[before:]
    assert post.user == both.bot_of(both.borealis)
    assert "I am not in the channel" not in both.say(both.ana, "status")


def test_a_channel_that_changes_its_id_is_followed_though_both_tell_of_it(both: Both) -> None:
    both.begin()
    both.remind_in(both.ana, both.shared)
    both.slack.world.tells_every_installation = True
    both.slack.share(both.steering, both.borealis, changes_id=True)
    both.bot.settle()
    linked = both.bot.read(
        lambda session: dict(
            session.execute(text("SELECT external_id, state FROM channels")).tuples().all()
        )
    )
    assert linked == {both.steering.id: "pending", both.shared.id: "linked"}
    both.slack.rename(both.shared, "joint-team")
    both.bot.settle()
    assert "#joint-team" in both.say(both.ana, "status")


def test_a_guest_is_known_by_the_workspace_that_knows_them(both: Both) -> None:
    """Acme sees Gus as anybody of Borealis's; Borealis's own installation knows him as a guest."""
    both.begin()
    gus = both.slack.user("Gus", team=both.borealis, is_restricted=True)
    gus.joins(both.shared)
    both.mention(gus, "status", bot=both.bot_of(both.acme))
    guests = both.bot.read(
        lambda session: {a.name for a in session.exec(select(Account)) if a.is_guest}
    )
    assert guests == {"Gus"}


def test_both_events_of_a_removal_at_once_are_told_once(both: Both) -> None:
    both.begin()
    assert [answer.status for answer in both.slack.uninstall(both.borealis)] == [200, 200]
    both.bot.settle()
    assert len(both.told(both.ana, "has removed Entente")) == 1


def test_a_token_of_a_person_that_is_revoked_is_nothing_to_entente(both: Both) -> None:
    both.begin()
    both.slack.sends_event(
        {"type": "tokens_revoked", "tokens": {"oauth": [both.jonas.id], "bot": []}},
        team=both.borealis,
    )
    both.bot.settle()
    assert both.told(both.ana, "has removed Entente") == []
    assert len(both.bot.read(lambda session: session.exec(select(Installation)).all())) == 2


def test_people_whose_workspace_removed_it_are_reached_through_the_other(both: Both) -> None:
    both.begin()
    both.uninstall(both.borealis, revoked_first=True)
    post = both.posts_in(both.shared)[0]
    both.press(both.jonas, post, "Talk privately")
    (said,) = [m for m in both.slack.dms(both.jonas) if "nobody else reading" in m.text]
    assert said.user == both.bot_of(both.acme)


def test_another_process_learns_of_installations_and_removals(
    both: Both, database_url: str, clock: ManualClock
) -> None:
    both.begin()
    both.remind_in(both.ana, both.shared)
    heard = both.slack.events_url
    with Bot(database_url, both.slack, clock, **many_workspaces(both.slack)) as worker:
        both.slack.events_url = heard
        cara = both.slack.user("Cara", team=both.slack.team("Cygnus"))
        install(both.bot, both.slack, cara)
        both.slack.events_url = f"{worker.url}/slack/events"
        assert "Set up an alliance" in cara.slash("/alliance", "help").text
        both.slack.events_url = heard
        both.uninstall(both.acme, revoked_first=True)
        before, calls = len(both.posts_in(both.shared)), len(both.slack.calls())
        worker.advance(WEEK)
        (post,) = both.posts_in(both.shared)[before:]
        assert post.user == both.bot_of(both.borealis)
        assert {c.error for c in both.slack.calls()[calls:]} == {None}


def test_a_form_that_opens_too_late_is_said_through_the_installation_at_hand(both: Both) -> None:
    both.start()
    both.ana.opens_home()
    both.bot.settle()
    both.slack.fails("views.open", error="expired_trigger_id")
    both.ana.presses(both.slack.home(both.ana), "Change settings")
    both.bot.settle()
    assert "took too long" in both.dms(both.ana)[-1]


def test_a_removal_of_one_of_an_organisations_workspaces_leaves_the_others(both: Both) -> None:
    sales = both.slack.team("Grid Sales", enterprise="E0GRID")
    lab = both.slack.team("Grid Lab", enterprise="E0GRID")
    lea, max_ = both.slack.user("Lea", team=sales), both.slack.user("Max", team=lab)
    install(both.bot, both.slack, lea)
    install(both.bot, both.slack, max_)
    both.uninstall(sales, revoked_first=True)
    grid = both.bot.read(
        lambda session: session.exec(
            select(Workspace).where(Workspace.external_id == "E0GRID")
        ).one()
    )
    assert grid.removed_at is None
    assert grid.bot_user == both.bot_of(lab)
    assert "Set up an alliance" in max_.slash("/alliance", "help").text
    both.uninstall(lab, revoked_first=False)
    grid = both.bot.read(
        lambda session: session.exec(
            select(Workspace).where(Workspace.external_id == "E0GRID")
        ).one()
    )
    assert (grid.removed_at is None, grid.bot_user) == (False, None)


def test_one_of_the_two_leaves_and_comes_back_and_status_tells_no_trouble(both: Both) -> None:
    both.begin()
    both.remind_in(both.ana, both.shared)
    moved = {"channel": both.shared.id, "channel_type": "C", "team": both.acme.id}
    acmes = {"user": both.bot_of(both.acme), **moved}
    both.slack.remove_bot(both.shared, team=both.acme)
    both.slack.sends_event({"type": "member_left_channel", **acmes}, channel=both.shared)
    assert both.bot.read(_home_of_the_shared) == both.borealis.id
    assert "I am not in the channel" not in both.say(both.ana, "status")
    both.slack.remove_bot(both.shared, team=both.borealis)
    other = {"user": both.bot_of(both.borealis), **moved}
    both.slack.sends_event({"type": "member_left_channel", **other}, channel=both.shared)
    both.bot.advance(WEEK)
    assert "I am not in the channel" in both.say(both.ana, "status")
    both.shared.members.append(both.bot_of(both.acme))
    both.slack.sends_event({"type": "member_joined_channel", **acmes}, channel=both.shared)
    assert both.bot.read(_home_of_the_shared) == both.acme.id
    before = len(both.posts_in(both.shared))
    both.bot.advance(WEEK)
    assert len(both.posts_in(both.shared)) == before + 1


def _home_of_the_shared(session: Session) -> str:
    found = text(
        "SELECT w.external_id FROM channels c JOIN workspaces w ON w.id = c.workspace_id "
        "WHERE c.name = 'acme-borealis'"
    )
    return str(session.execute(found).scalar_one())


def test_a_reaction_that_both_are_told_of_counts_once(both: Both) -> None:
    both.begin()
    both.slack.world.tells_every_installation = True
    hello = both.posts_in(both.shared)[0]
    both.mia.reacts(hello, "tada")
    both.bot.settle()
    counts = both.bot.entente.dispatcher.counts.by_outcome
    assert counts[("ReactionAdded", "handled")] == 1
    assert counts[("ReactionAdded", "repeated")] == 1


def test_a_partner_that_left_takes_its_own_channels_along(both: Both) -> None:
    both.begin()
    jonas, slack = both.jonas, both.slack
    assert "now belongs to" in both.say(jonas, "link", channel=both.lab)
    both.say(jonas, "leave", channel=both.lab)
    left = both.press(jonas, slack.ephemerals(user=jonas)[-1], "Leave Acme–Borealis")
    assert "has left" in left
    both.say(jonas, "setup new", channel=both.lab)
    form = slack.views(jonas)[-1]
    jonas.submits(form, name="Borealis–Cora", own_partner="Borealis", other_partners="Cora")
    both.bot.settle()
    for each in reversed(slack.views(jonas)):
        jonas.closes(each)
    assert "now belongs to Borealis–Cora" in both.say(jonas, "link", channel=both.lab)
    refused = both.say(jonas, "link", channel=both.shared)
    assert "belongs to another alliance" in refused


@pytest.mark.parametrize("operator", ["Hosting Ltd", None])
def test_both_sides_read_the_same_of_who_runs_the_installation(
    sqlite_url: str, clock: ManualClock, operator: str | None
) -> None:
    with make_both(sqlite_url, clock, ENTENTE_OPERATOR=operator) as both:
        both.start()
        both.join()
        both.say(both.jonas, "link", channel=both.shared)
        offered = both.slack.ephemerals(user=both.jonas)[-1]
        both.press(both.jonas, offered, "Read and agree: #acme-borealis")
        shown = both.slack.text_of(both.slack.views(both.jonas)[-1])
        assert f"{operator or f'whoever runs {PUBLIC}'}, who can read the database" in shown


def take_along(both: Both, who: User) -> dict[str, Any]:
    """What a manager takes along."""
    files = read_export(both.bot, both.slack, who, both.lab)
    record: dict[str, Any] = orjson.loads(files["application/json"])
    return record


def press_last(both: Both, who: User, label: str) -> str:
    return both.press(who, both.slack.ephemerals(user=who)[-1], label)


def write_more(both: Both, word: str) -> None:
    """Acme writes of all kinds, open to all; `word` stands in everything."""
    ana = both.ana
    both.say(ana, f'north star set "{word} is our aim."')
    if "Every partner can see that" not in both.say(ana, "north star share"):
        press_last(both, ana, "Share with everybody")
    both.say(ana, f"seat <@{ana.id}> on {word}")
    press_last(both, ana, f"Set up {word}")
    ana.submits(both.slack.views(ana)[-1], decides=f"{word} and more.")
    both.bot.settle()
    for form in reversed(both.slack.views(ana)):
        ana.closes(form)
    both.say(ana, f"seat <@{ana.id}> on {word}")
    both.say(ana, f"term add {word} = {word} in full.")
    press_last(both, ana, "Share with the alliance")
    made = both.slack.user(word, team=both.acme)
    made.joins(both.shared)
    both.say(made, "help", channel=both.shared)


def test_those_who_left_take_along_what_they_could_read_and_nothing_newer(both: Both) -> None:
    both.begin()
    write_more(both, "Lantern")
    both.mention(both.mia, "help", bot=both.bot_of(both.borealis))
    both.say(both.jonas, 'north star set "Ours alone."', channel=both.lab)
    both.say(both.jonas, "leave", channel=both.lab)
    both.press(both.jonas, both.slack.ephemerals(user=both.jonas)[-1], "Leave Acme–Borealis")
    taken = take_along(both, both.jonas)
    assert "Ours alone." in str(taken)
    assert "Lantern is our aim." in str(taken)
    both.clock.advance(timedelta(days=1))
    write_more(both, "Ember")
    after = take_along(both, both.jonas)
    assert "Ember" not in str(after)
    assert after == taken
    assert "Only alliance managers" in both.say(both.mia, "export", channel=both.lab)


def test_after_the_end_every_side_takes_its_record_along(both: Both) -> None:
    both.begin()
    both.say(both.jonas, 'north star set "Ours alone."', channel=both.lab)
    both.say(both.ana, "end alliance")
    press_last(both, both.ana, "End Acme–Borealis")
    assert "Ours alone." in str(take_along(both, both.jonas))
