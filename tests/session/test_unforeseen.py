"""Errors that nobody foresaw: each ends a connection at most, never the session."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from support.endpoints.scripted_endpoint import behave
from support.sessions.session_bench import PERIOD, hasty, streaming

from deeptone_tui.protocol import Message, StreamParameters
from deeptone_tui.session.connection import connect
from deeptone_tui.session.events import (
    ChangeRefused,
    ConnectionOpened,
    PeriodAnswered,
    RetryScheduled,
    SessionRefused,
)
from deeptone_tui.session.interfaces import Link
from deeptone_tui.session.progress import DeliveryProgress
from deeptone_tui.session.results import MessageHandler
from deeptone_tui.session.stream_session import MOST_UNFORESEEN_ERRORS, StreamSession
from deeptone_tui.session.target import RemoteTarget, StreamRequest, Target

ADDRESS = "ws://host/?token=hush"


def failing_before(count: int) -> Callable[[Target, StreamParameters], Coroutine[Any, Any, Link]]:
    """A way to connect that works after so many attempts."""
    left = iter(range(count))

    async def connecting(target: Target, parameters: StreamParameters) -> Link:
        for _ in left:
            raise LookupError(ADDRESS)
        return await connect(target, parameters)

    return connecting


async def test_a_handshake_that_fails_in_a_new_way_is_tried_again() -> None:
    """Named by its kind; its own text may hold a key."""
    async with streaming(behave, timing=hasty(), connecting=failing_before(6)) as bench:
        bench.feed(8192)
        assert (await bench.until(PeriodAnswered, 4)).end == 8192
    reasons = {event.reason for event in bench.all(RetryScheduled)}
    assert len(bench.all(RetryScheduled)) == 6
    assert all("unexpected LookupError in the handshake" in reason for reason in reasons)
    assert "hush" not in str(bench.events)


async def test_the_old_endpoint_goes_on_when_the_new_one_fails_in_a_new_way() -> None:
    """Without a gap: its connection was never given up."""

    async def connecting(target: Target, parameters: StreamParameters) -> Link:
        if "new" in target.url:
            raise LookupError(ADDRESS)
        return await connect(target, parameters)

    async with streaming(behave, live=True, connecting=connecting) as bench:
        await bench.feed_slowly(8192)
        await bench.until(PeriodAnswered, 2)
        bench.session.change(StreamRequest(RemoteTarget("ws://new.invalid/stream"), PERIOD))
        refused = await bench.until(ChangeRefused)
        await bench.feed_slowly(8192)
        await bench.until(PeriodAnswered, 6)
    assert "unexpected LookupError" in refused.reason
    assert len(bench.all(ConnectionOpened)) == 1


async def test_a_message_that_is_too_much_for_us_ends_one_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What follows is answered by the next one."""
    handle = MessageHandler.handle
    failures = iter([True])

    def handle_or_fail(self: MessageHandler, message: Message) -> None:
        if next(failures, False):
            raise ZeroDivisionError
        handle(self, message)

    monkeypatch.setattr(MessageHandler, "handle", handle_or_fail)
    async with streaming(behave, timing=hasty()) as bench:
        bench.feed(8192)
        assert (await bench.until(PeriodAnswered, 4)).end == 8192
    assert "unexpected ZeroDivisionError in the connection" in bench.all(RetryScheduled)[0].reason


async def test_a_session_that_dies_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first connections are those of a session that knows nothing of the failure."""
    resume, failures = DeliveryProgress.resume_at, iter([True] * (MOST_UNFORESEEN_ERRORS - 1))

    def resume_or_fail(self: DeliveryProgress) -> int:
        if next(failures, False):
            raise KeyError
        return resume(self)

    monkeypatch.setattr(DeliveryProgress, "resume_at", resume_or_fail)
    async with streaming(behave, timing=hasty()) as bench:
        bench.feed(8192)
        assert (await bench.until(PeriodAnswered, 4)).end == 8192
        assert not bench.all(SessionRefused)
        assert len(bench.session._connections.running) == 1


async def test_an_error_that_repeats_at_once_is_told_as_such(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Then the session waits for somebody to change something, and goes on with that."""
    begin = StreamSession._begin_with

    async def begin_or_fail(self: StreamSession, plan: StreamRequest) -> object:
        if plan.parameters == PERIOD:
            raise KeyError
        return await begin(self, plan)

    monkeypatch.setattr(StreamSession, "_begin_with", begin_or_fail)
    async with streaming(behave, timing=hasty()) as bench:
        bench.feed(4096)
        refused = await bench.until(SessionRefused)
        assert len(bench.all(RetryScheduled)) == MOST_UNFORESEEN_ERRORS - 1
        bench.apply(StreamParameters(output_period=256))
        await bench.until(PeriodAnswered)
    assert f"{MOST_UNFORESEEN_ERRORS} attempts in a row" in refused.reason
