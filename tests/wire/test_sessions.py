"""Random sessions: the wire shows what the bare terminal shows."""

import os

import pytest
from support.wire_sessions import Session, first_difference

SESSIONS = int(os.environ.get("WIRE_SESSIONS", "100"))
STEPS = 12


@pytest.mark.parametrize("tens", range(SESSIONS // 10))
def test_random_sessions_look_the_same(tens: int) -> None:
    """Cell by cell, colours and attributes, after every few frames."""
    for seed in range(tens * 10, tens * 10 + 10):
        session = Session(seed)
        for step in range(STEPS):
            session.step()
            if step % 4 == 3:
                session.settle()
                assert first_difference(session) == "", f"seed {seed}, step {step}"
