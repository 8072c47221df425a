"""What the whole program in a terminal is tried with."""

from collections.abc import Iterator

import pytest
from support.endpoints.serving_process import Serving, serving
from support.sources.virtual_mics import VirtualMics, virtual_mics


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
