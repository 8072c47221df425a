"""Which request is wanted, proved and fallen back to: each transition by itself."""

from dataclasses import replace

import pytest

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.failures import Failure
from deeptone_tui.session.stream_session import Choice
from deeptone_tui.session.target import RemoteTarget, StreamRequest

HERE = RemoteTarget("ws://here/stream")
A, B, C = (
    StreamRequest(HERE, replace(StreamParameters(), volume_threshold=each))
    for each in (0.1, 0.2, 0.3)
)
FIRST, PROVED = Choice(A), Choice(A, proved=True)
ON_TRIAL = Choice(B, fallback=A)
ONCE = Choice(B, fallback=A, tentative=True)
LOST = Failure("the connection was lost")
REFUSED = Failure("refused", retry=False)
SAID_NO = Failure("the endpoint had an internal error", by_endpoint=True)


@pytest.mark.parametrize(
    ("before", "request_", "after"),
    [
        (FIRST, A, FIRST),
        (FIRST, B, Choice(B)),  # what has not worked is nothing to fall back to
        (PROVED, B, ON_TRIAL),
        (ON_TRIAL, B, ON_TRIAL),
        (ON_TRIAL, C, Choice(C, fallback=A)),
        (ON_TRIAL, A, PROVED),
        (ONCE, B, ON_TRIAL),
        (ONCE, C, Choice(C, fallback=A)),
        (ONCE, A, PROVED),
    ],
)
def test_a_change_keeps_what_worked(before: Choice, request_: StreamRequest, after: Choice) -> None:
    """Of several in quick succession, the last counts."""
    assert before.change(request_) == after


def test_asking_for_what_is_in_force_changes_nothing() -> None:
    """The very same value comes back: nothing has to be done."""
    assert PROVED.change(A) is PROVED


@pytest.mark.parametrize(
    ("before", "answered", "after"),
    [
        (FIRST, A, PROVED),
        (FIRST, B, FIRST),
        (PROVED, A, PROVED),
        (ON_TRIAL, A, ON_TRIAL),  # the old connection still speaks
        (ON_TRIAL, B, Choice(B, proved=True)),
        (ONCE, B, Choice(B, proved=True)),
        (Choice(B, proved=True, fallback=A, tentative=True), B, Choice(B, proved=True)),
    ],
)
def test_a_result_proves_the_request_it_came_from(
    before: Choice, answered: StreamRequest, after: Choice
) -> None:
    """From then on it is what others fall back to."""
    assert before.answered(answered) == after


@pytest.mark.parametrize(
    ("before", "failure", "after"),
    [
        (FIRST, LOST, FIRST),
        (FIRST, REFUSED, FIRST),
        (PROVED, SAID_NO, PROVED),
        (ON_TRIAL, LOST, ON_TRIAL),  # the network's fault: it is tried again
        (ON_TRIAL, REFUSED, PROVED),
        (ON_TRIAL, SAID_NO, PROVED),
        (ONCE, LOST, PROVED),
    ],
)
def test_a_failure_leads_back_to_what_worked(
    before: Choice, failure: Failure, after: Choice
) -> None:
    """Where the endpoint objects, or there was one attempt; else the same is tried again."""
    assert before.failed(failure) == after
    assert (before.failed(failure) is before) == (before == after)


@pytest.mark.parametrize(
    ("before", "current", "after"),
    [
        (ON_TRIAL, A, PROVED),
        (Choice(B), A, PROVED),  # A has given no result, and is what there is
        (Choice(C, fallback=A), B, ON_TRIAL),  # B has given none, and A is still needed
        (Choice(C, fallback=A, tentative=True), B, ON_TRIAL),
    ],
)
def test_a_refused_change_leads_back_to_the_connection_that_goes_on(
    before: Choice, current: StreamRequest, after: Choice
) -> None:
    """Which need not be that of the fallback."""
    assert before.fall_back(current) == after


@pytest.mark.parametrize(("before", "after"), [(ON_TRIAL, ONCE), (Choice(B), ONCE), (ONCE, ONCE)])
def test_making_room_leaves_one_attempt(before: Choice, after: Choice) -> None:
    """What is ended for it is what returns, unless something proved is kept."""
    assert before.make_room(A) == after
    assert Choice(C, fallback=A).make_room(B) == Choice(C, fallback=A, tentative=True)


def test_what_is_refused_for_good_can_be_asked_for_again() -> None:
    """By a change to itself."""
    assert PROVED.refused() == FIRST
    assert PROVED.refused().change(A) is not PROVED.refused()
