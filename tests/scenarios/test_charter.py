"""A charter, clause by clause."""

from datetime import timedelta

from sqlmodel import Session, col, select

from bot.statements.models import Statement, Version
from tests.scenarios.casts import ask_partners, set_up_committee, write_clause
from tests.scenarios.conftest import Home

MENU = "Write or change a clause"
BOARD = "Our board signs off budgets."


def test_clauses_are_written_read_and_taken_back(home: Home) -> None:
    ana, tom = home.ana, home.tom
    write_clause(ana, "scope", "Phase 2 only.")
    write_clause(ana, "when we disagree", "We talk first.")
    shown = tom.asks("charter")
    assert "Scope: Phase 2 only." in shown
    assert "Not written yet: Why each of us is here" in shown
    assert "We talk first." in tom.asks("charter conflict")
    assert "In force at Acme only" in tom.asks("charter scope")
    write_clause(ana, "scope", "Phases 2 and 3.")
    assert "Version 2" in tom.asks("charter history scope")
    assert "as it was" in ana.asks("undo")
    assert "Phase 2 only." in tom.asks("charter scope")


def test_a_committee_has_its_own_charter(home: Home) -> None:
    home.tom.says("help")
    set_up_committee(home.ana, "JSC", home.tom)
    write_clause(home.ana, "JSC how this body decides", "By consensus.")
    assert "By consensus." in home.tom.asks("charter jsc decides")
    assert "not written yet" in home.tom.asks("charter decides").lower()


def test_a_clause_is_chosen_from_a_menu(home: Home) -> None:
    home.ana.says("charter edit")
    home.ana.opens_by(lambda: home.ana.chooses("Scope", in_menu=MENU, on=MENU), "Write it")
    home.ana.hears("What belongs here")


def test_a_reminder_brings_one_clause_at_a_time_and_never_the_approvals(home: Home) -> None:
    for clause, text in (("scope", "Phase 2 only."), ("conflict", "We talk first.")):
        write_clause(home.ana, clause, text)
    write_clause(home.ana, "approvals", BOARD)
    home.remind("charter every wednesday 09:00")
    home.advance(timedelta(days=22))
    posts = home.posts()
    assert ["Phase 2" in post for post in posts] == [True, False, True]
    assert ["talk first" in post for post in posts] == [False, True, False]
    assert not any("board" in post for post in posts)


def test_the_other_side_sees_none_of_it(home: Home) -> None:
    jonas = home.join()
    write_clause(home.ana, "approvals", BOARD)
    for line in ("charter", "charter approvals", "charter history approvals"):
        assert "board" not in jonas.asks(line)


def _versions(home: Home) -> dict[str, str]:
    def read(session: Session) -> dict[str, str]:
        rows = session.exec(
            select(Statement.subject, Version.id).join(
                Version, col(Version.statement_id) == col(Statement.id)
            )
        )
        return dict(rows.all())

    return home.cast.bot.read(read)


def test_a_clause_is_put_to_the_partners_and_the_approvals_never(home: Home) -> None:
    ana, jonas = home.ana, home.join()
    write_clause(ana, "scope", "Phase 2 only.")
    write_clause(ana, "approvals", BOARD)
    offer = "Ask the partners to confirm"
    assert offer in ana.asks("charter scope")
    assert offer not in ana.asks("charter approvals")
    found = _versions(home)
    said = ana.forges("confirmations.propose", found["/approvals"])
    assert "Acme's own and is not shown" in said
    assert "Jonas (Borealis Bio)" not in said
    ana.close_form()
    assert "Jonas (Borealis Bio)" in ana.forges("confirmations.propose", found["/scope"])
    ana.fills()
    asked = jonas.letters()[-1]
    assert "Phase 2 only." in asked
    assert "Scope, in the charter of the alliance" in asked
    assert not any("board" in text for text in jonas.letters())


def test_a_confirmed_clause_is_changed_and_put_to_the_partners_again(home: Home) -> None:
    ana, jonas = home.ana, home.join()
    for text, waits in (
        ("Phase 2 only.", "These words wait"),
        ("Phases 2 and 3.", "Another wording waits"),
    ):
        ana.opens("charter edit scope", "Write it")
        ana.fills(text=text)
        ana.presses_in_form("Ask the partners to confirm")
        ana.fills()
        ana.close_form()
        assert waits in ana.asks("charter scope")
        assert "Waiting for the partners' confirmation: Scope" in ana.asks("charter")
        jonas.presses("Confirm for Borealis Bio", on=text)
        shown = ana.asks("charter scope")
        assert text in shown
        assert "Confirmed by Acme, Borealis Bio" in shown


def test_what_waits_and_what_is_ones_own_is_read_beside_what_counts(home: Home) -> None:
    ana, jonas = home.ana, home.join()
    write_clause(ana, "scope", "Phase 2 only.")
    ask_partners(ana, "charter scope")
    shown = jonas.asks("charter scope")
    assert "Phase 2 only." in shown
    assert "Waiting for: Borealis Bio" in shown
    assert "Not written yet: Scope" not in jonas.asks("charter")
    jonas.presses("Confirm for Borealis Bio", on="can you confirm")
    ana.opens("charter edit scope", "Write it")
    ana.fills(text="Phases 2 and 3.")
    assert "what the partners confirmed goes on counting" in str(ana.read_form())
    ana.close_form()
    shown = ana.asks("charter scope")
    assert shown.index("Phase 2 only.") < shown.index("Acme has another wording in force")
    assert "Phases 2 and 3." in shown
    assert "Ask the partners to confirm" in shown
    ana.opens("charter edit scope", "Write it")
    assert "Phases 2 and 3." in str(ana.read_form())
    assert "Phases 2 and 3." not in jonas.asks("charter scope")


def test_a_history_says_what_changed_between_versions(home: Home) -> None:
    write_clause(home.ana, "scope", "Phase 2 only.")
    write_clause(home.ana, "scope", "Phase 3 only.")
    assert "“2” became “3”." in home.tom.asks("charter history scope")


def test_an_unknown_clause_is_answered_with_all_of_them(home: Home) -> None:
    said = home.ana.asks("charter xyzzy")
    assert "deliverables" in said
    assert "conflict" in said
