"""What the audio tests share: virtual microphones, a program that captures, a clock to turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sources.recorder import Recorder
from support.sources.virtual_mics import VirtualMics, virtual_mics
from support.time.clock import TurnedClock


@pytest.fixture
def clock() -> TurnedClock:
    """A clock that the source under test turns itself."""
    return TurnedClock()


@pytest.fixture(scope="module")
def mics() -> Iterator[VirtualMics]:
    """Microphones for all tests of a file."""
    with virtual_mics() as running:
        yield running


@pytest.fixture
def recorder(mics: VirtualMics, tmp_path: Path) -> Iterator[Recorder]:
    """The capture program; nothing may have reached its stderr."""
    program = Recorder(mics, tmp_path)
    try:
        yield program
    finally:
        written = program.end()
    assert written == ""
