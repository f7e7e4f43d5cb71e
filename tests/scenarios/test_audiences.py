"""Random audiences, and everybody who might look: what is not for a person appears in no answer,
and what is for them does."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.features.decisions.models import Decision
from bot.features.decisions.search import find
from bot.people.models import Account
from bot.people.viewer import get_viewers
from bot.record.dumping import dump
from tests.harness import MONDAY, ManualClock
from tests.scenarios.audiences import (
    AFTER,
    BEFORE,
    CLAUSES,
    EXPORTED,
    PEOPLE,
    SHOWN,
    STAGES,
    Stage,
    Thing,
    add_thing,
    clear,
    make_world,
    may_see,
)


@pytest.fixture(params=["slack-sqlite", "slack-postgresql", "teams-sqlite"])
def stage(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[Stage]:
    platform, database = request.param.split("-")
    kind = "sqlite_url" if database == "sqlite" else "postgres_url"
    for made in STAGES[platform](request.getfixturevalue(kind), clock):
        with made.bot.entente.database.write() as session:
            make_world(session, made)
        yield made
        assert made.fake.strict_errors == []


ENDS = {"term": {"alliance"}, "meaning": {"alliance"}}
"""Who else than one partner may see them: no committee has terms of its own."""

AUDIENCES = st.sampled_from(["partner", "alliance", "jsc", "ops"])
MOMENTS = st.sampled_from([BEFORE, AFTER])


@st.composite
def things(draw: st.DrawFn) -> list[Thing]:
    """Of every kind some, each of one of the partners, with an audience."""
    made: list[Thing] = []
    kinds = [("statement", clause) for clause in ("", *CLAUSES)]
    kinds += [(table, "") for table in (*SHOWN, *EXPORTED) for _ in range(2)]
    for table, clause in kinds:
        for owner in ("acme", "borealis", "delta"):
            if not draw(st.booleans()):
                continue
            audience = draw(AUDIENCES) if owner != "delta" else "alliance"
            if table == "approval" or (table in ENDS and audience not in ENDS[table]):
                audience = "partner"
            word = f"zq{len(made)}{owner[0]}{table[:2]}x"
            made.append(Thing(table, owner, audience, word, clause, draw(MOMENTS)))
    return made


READING = (
    "north star",
    "north star history",
    "charter",
    "charter scope",
    *(f"charter history {clause}" for clause in CLAUSES),
    "status",
    "members",
    "roster",
    "who decides everything?",
    "am I a member?",
    "remind",
    "decisions",
    "decisions search zq",
    "terms",
)
ASKING = ("north star share", "charter share scope", "charter edit scope", "leave", "invite")
"""Commands that answer managers with more than they asked for, if anything does."""


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(made=things())
def test_everybody_sees_what_is_for_them_and_nothing_else(stage: Stage, made: list[Thing]) -> None:
    with stage.bot.entente.database.write() as session:
        clear(session)
        for number, thing in enumerate(made):
            add_thing(session, stage, thing, number)
    for name in PEOPLE:
        shown = "\n".join(stage.asks(name, line) for line in READING)
        other = "\n".join(stage.asks(name, line) for line in ASKING) + stage.sees_home(name)
        expected = {thing.word for thing in made if may_see(name, thing)}
        leaked = [t for t in made if t.word not in expected and t.word in shown + other]
        assert leaked == [], f"{name} sees {leaked}"
        whole = [t for t in made if t.table not in EXPORTED]
        missing = [t for t in whole if t.word in expected and t.word not in shown]
        assert missing == [], f"{name} does not see {missing}"


@pytest.mark.parametrize("stage", ["slack-sqlite", "slack-postgresql"], indirect=True)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(made=things())
def test_everybody_takes_along_what_is_for_them_and_nothing_else(
    stage: Stage, made: list[Thing]
) -> None:
    """No platform has a part in it."""
    entente = stage.bot.entente
    registry = entente.dispatcher.registry
    with entente.database.write() as session:
        clear(session)
        for number, thing in enumerate(made):
            add_thing(session, stage, thing, number)
    for name in PEOPLE:
        with entente.database.read() as session:
            account = session.exec(
                select(Account.id).where(col(Account.external_id) == stage.users[name].id)
            ).one()
            (viewer,) = get_viewers(session, account, now=MONDAY)
            taken = str(dump(registry, session, viewer))
            hits = find(session, viewer, "zq").ids
            found = set(session.exec(select(Decision.what).where(col(Decision.id).in_(hits))))
        expected = {thing.word for thing in made if may_see(name, thing)}
        wrong = [t for t in made if (t.word in taken) is not (t.word in expected)]
        assert wrong == [], f"{name} takes along or misses {wrong}"
        assert found <= expected, f"{name} finds {found}"
