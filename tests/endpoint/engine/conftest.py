"""A running engine, real recordings, and a short way from samples to results."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from deeptone_tui.dsp import Samples
from deeptone_tui.endpoint import engine as engine_module
from deeptone_tui.endpoint.engine import Engine
from deeptone_tui.endpoint.engine.networks import Networks, load_networks
from deeptone_tui.protocol import Step, StreamParameters

DATA = Path(__file__).parents[2] / "data"
Judging = Callable[..., Awaitable[list[Step]]]


def recording(name: str) -> Samples:
    """Samples of a recording in tests/data."""
    samples, rate = soundfile.read(DATA / name, dtype="int16")
    assert rate == 16_000
    return np.asarray(samples, np.int16)


@pytest.fixture(scope="session")
def woman() -> Samples:
    """A woman speaking, 5.12 s."""
    return recording("woman.flac")


@pytest.fixture(scope="session")
def man() -> Samples:
    """A man speaking, 5.12 s."""
    return recording("man.flac")


@pytest.fixture(scope="session")
def oracles() -> dict[str, npt.NDArray[np.float32]]:
    """What other implementations make of the recordings."""
    with np.load(DATA / "engine_oracles.npz") as stored:
        return dict(stored)


@pytest.fixture(scope="session")
def networks() -> Networks:
    """The networks without threads."""
    return load_networks()


@pytest.fixture
async def engine(networks: Networks, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engine]:
    """A running engine with one worker thread; the networks are loaded once for all tests."""
    running = Engine()
    with monkeypatch.context() as loaded:
        loaded.setattr(engine_module, "load_networks", lambda: networks)
        await running.start()
    yield running
    await running.close()


@pytest.fixture
def judge(engine: Engine) -> Judging:
    """Feed samples in chunks (all at once by default), finish, and return the results."""

    async def judging(
        samples: Samples, *, chunks: list[int] | None = None, **parameters: object
    ) -> list[Step]:
        analysis = engine.open_stream(StreamParameters(**parameters))  # type: ignore[arg-type]  # checked by it
        steps: list[Step] = []
        for piece in np.split(samples, np.cumsum(chunks or [])):
            steps += await analysis.feed(piece)
        return steps + await analysis.finish()

    return judging
