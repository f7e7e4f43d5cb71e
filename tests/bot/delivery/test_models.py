"""The outbox's tables: what is looked up is found by an index, on both databases."""

from sqlalchemy import text
from sqlmodel import col, select

from bot.db.engine import Database
from bot.delivery.models import Delivery, has_failed


def test_an_alliances_failed_messages_are_found_by_an_index(database: Database) -> None:
    failed = select(Delivery.id).where(col(Delivery.alliance_id) == "al", has_failed())
    written = failed.compile(database.engine, compile_kwargs={"literal_binds": True})
    with database.read() as session:
        if not database.is_sqlite:
            # The table is empty: reading it from end to end would be the quickest.
            session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        plan = session.execute(text(f"{explain} {written}")).all()
    assert "ix_deliveries_unsent" in str(plan)
