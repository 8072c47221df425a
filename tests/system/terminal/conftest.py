"""What the whole program in a terminal is tried with."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.endpoints.serving_process import Serving, serving
from support.sources.virtual_mics import VirtualMics, virtual_mics
from support.terminals.terminal import Terminal, program_terminal


@pytest.fixture(scope="module")
def mics() -> Iterator[VirtualMics]:
    """A machine with two microphones."""
    with virtual_mics() as running:
        yield running


@pytest.fixture
def server() -> Iterator[Serving]:
    """An endpoint that stays when the program has ended."""
    with serving() as running:
        yield running


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """The folder that the monitor on the demo records into."""
    return tmp_path / "sessions"


@pytest.fixture
def demo(recordings: Path, tmp_path: Path) -> Iterator[Terminal]:
    """The monitor on the demo, recording, with the first results on its screen."""
    with program_terminal(tmp_path, "demo", "--record", str(recordings)) as session:
        session.wait_for("STREAMING", 60)
        session.wait_until(lambda: re.search(r"00:00:0\d\.\d .*silence", session.text) is not None)
        yield session
