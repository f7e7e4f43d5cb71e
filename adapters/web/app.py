"""`/healthz`, `/readyz` and `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.core.errors import DatabaseNotReady
from bot.db import migrate
from bot.db.engine import Database

Check = Callable[[], Awaitable[str | None]]
"""Answers None if all is well, else what is wrong, in words."""


def make_database_check(database: Database) -> Check:
    """Whether the database answers and is up to date."""

    async def check() -> str | None:
        try:
            await asyncio.to_thread(migrate.check_ready, database)
        except (DatabaseNotReady, DBAPIError) as error:
            return str(error).splitlines()[0]
        return None

    return check


def make_routes(checks: Mapping[str, Check], metrics: CollectorRegistry) -> Sequence[Route]:
    """The routes; ready means that every check is well."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("alive")

    async def readyz(_request: Request) -> Response:
        problems = {name: problem for name, check in checks.items() if (problem := await check())}
        if problems:
            return JSONResponse({"ready": False, "problems": problems}, status_code=503)
        return JSONResponse({"ready": True})

    def read_metrics(_request: Request) -> Response:
        return Response(generate_latest(metrics), media_type=CONTENT_TYPE_LATEST)

    return (
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", read_metrics),
    )
