"""Connections of the client by themselves, without a session."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.connection import Connection, ConnectionOptions, connect
from deeptone_tui.session.failures import ConnectionFailed, Failure
from deeptone_tui.session.target import Target

PARAMETERS = StreamParameters(models=("speech-rt", "gender"))
QUICK = ConnectionOptions(connect_timeout=5.0, heartbeat=30.0, close_timeout=0.2)


@contextlib.asynccontextmanager
async def connected(
    url: str,
    api_key: str | None = "hush",
    options: ConnectionOptions = QUICK,
    **more: Any,  # noqa: ANN401  as of connect
) -> AsyncIterator[Connection]:
    """An open connection, released in the end."""
    connection = await connect(Target(url, api_key), PARAMETERS, options=options, **more)
    try:
        yield connection
    finally:
        await connection.abort()


async def failure_of(
    url: str,
    options: ConnectionOptions = QUICK,
    **more: Any,  # noqa: ANN401  as of connect
) -> Failure:
    """Why there is no connection, in one line and without the key."""
    with pytest.raises(ConnectionFailed) as caught:
        await connect(Target(url, "hush"), PARAMETERS, options=options, **more)
    failure = caught.value.failure
    assert failure.words
    assert "\n" not in failure.words
    assert "hush" not in failure.words
    return failure
