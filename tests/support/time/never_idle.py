"""A pilot for a process that is never idle, since a real monitor works in it."""

from functools import partial

import pytest
from textual import app, pilot
from textual._wait import wait_for_idle


def wait_no_longer(monkeypatch: pytest.MonkeyPatch, seconds: float = 0.1) -> None:
    """After each key wait so long at most for the process to be idle, instead of a second.

    What a test needs has to be waited for by what it is, then.
    """
    short = partial(wait_for_idle, max_sleep=seconds)
    monkeypatch.setattr(pilot, "wait_for_idle", short)
    monkeypatch.setattr(app, "wait_for_idle", short)
