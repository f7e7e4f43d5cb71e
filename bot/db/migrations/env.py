"""Alembic's entry: runs the revisions on the connection that `bot.db.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString

from bot.db.table import Table
from bot.db.types import Json, UtcDateTime


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our own column types by name, so that a revision reads well."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        autogen.imports.add("from bot.db.types import UtcDateTime")
        return "UtcDateTime()"
    if item is Json:
        autogen.imports.add("from bot.db.types import Json")
        return "Json"
    if isinstance(item, AutoString):
        return f"sa.String({item.length})" if item.length else "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_item=render_item,
    compare_type=True,
    transactional_ddl=True,
)
context.run_migrations()
