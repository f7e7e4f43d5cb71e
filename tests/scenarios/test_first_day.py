"""An alliance manager's first day, from setting up to the first reminder, over HTTP."""

from datetime import timedelta

from tests.fakes.slack import FakeSlack
from tests.harness import Bot, ManualClock

STAR = "As one team, give children with Marlow syndrome an ordinary school day."


def test_a_manager_sets_up_writes_the_north_star_and_schedules_it(
    database_url: str, clock: ManualClock
) -> None:
    with FakeSlack() as slack:
        acme = slack.team("Acme")
        with Bot(database_url, slack, clock) as bot:
            _run(slack, acme, bot)


def _run(slack, acme, bot):
    ana = slack.user("Ana", team=acme, tz="Europe/Berlin")
    general = slack.channel("steering", team=acme, members=[ana], with_bot=True)

    ana.slash("/alliance", "setup", channel=general)
    bot.settle()
    (form,) = slack.views(ana)
    print(slack.text_of(form))
    answer = ana.submits(
        form,
        name="Acme–Borealis",
        own_partner="Acme",
        other_partners="Borealis",
        zone="Europe/Berlin",
        countries="DE",
    )
    print(answer.status, answer.text)
    said = ana.slash("/alliance", "link", channel=general)
    print(said.text)
    said = ana.slash("/alliance", f'north star set "{STAR}"', channel=general)
    print(said.text)
    said = ana.slash("/alliance", "remind add north star every monday 09:00", channel=general)
    print(said.text)
    offered = slack.ephemerals(user=ana)[-1]
    print(slack.text_of(offered))
    ana.presses(offered, "Set up a reminder")
    bot.settle()
    print(slack.text_of(slack.ephemerals(user=ana)[-1]))
    bot.advance(timedelta(days=8))
    (post,) = slack.messages(general)
    print(slack.text_of(post))
    assert STAR in slack.text_of(post)
    assert "Ana (Acme)" in slack.text_of(post)
    assert slack.strict_errors == []
