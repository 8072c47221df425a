"""Random sessions: the wire shows what the bare terminal shows."""

import pytest
from support.terminals.wire_sessions import looks_the_same

SESSIONS = 100
"""`bench_wire --sessions 1000` draws more of them."""


@pytest.mark.parametrize("first", range(0, SESSIONS, 10))
def test_random_sessions_look_the_same(first: int) -> None:
    """Cell by cell, colours and attributes, after every few frames."""
    assert [seed for seed in range(first, first + 10) if not looks_the_same(seed)] == []
