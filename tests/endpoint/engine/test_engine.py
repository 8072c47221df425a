"""The engine's threads: where work is done, how it is shared, how it ends."""

import asyncio
import contextlib
import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from deeptone_tui.dsp import Samples
from deeptone_tui.endpoint.engine import Analysis, Engine, EngineClosed, workers
from deeptone_tui.endpoint.engine.batch import BATCH_STEPS, Slice, judge
from deeptone_tui.endpoint.engine.networks import Networks
from deeptone_tui.protocol import Step, StreamParameters


class Rounds:
    """Notes who judges what, and can hold the workers up or let them fail."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.threads: set[str] = set()
        self.streams: list[int] = []
        self.steps: list[int] = []
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self._judge = judge
        patch.setattr(workers, "judge", self)

    def __call__(self, slices: Sequence[Slice], networks: Networks) -> list[Step | None]:
        """Stand in for the judge."""
        self.entered.set()
        assert self.gate.wait(20)
        self.threads.add(threading.current_thread().name)
        self.streams.append(len(slices))
        self.steps.append(sum(len(own.samples) for own in slices) // 1024)
        if self.error is not None:
            raise self.error
        return self._judge(slices, networks)


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Rounds:
    """The rounds of the engine under test."""
    return Rounds(monkeypatch)


def inference_threads() -> list[threading.Thread]:
    """Worker threads that are alive."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("inference")]


async def held(
    engine: Engine, rounds: Rounds, samples: Samples
) -> tuple[Analysis, asyncio.Task[list[Step]]]:
    """An analysis, and its feed that is held up in a round."""
    rounds.gate.clear()
    analysis = engine.open_stream(StreamParameters())
    feed = asyncio.create_task(analysis.feed(samples))
    assert await asyncio.to_thread(rounds.entered.wait, 20)
    return analysis, feed


async def test_nothing_is_computed_on_the_event_loop(
    engine: Engine, rounds: Rounds, man: Samples
) -> None:
    """Rounds run in the engine's own threads."""
    await engine.open_stream(StreamParameters()).feed(man)
    assert rounds.threads == {"inference"}


async def test_the_loop_goes_on_while_audio_is_judged(
    engine: Engine, rounds: Rounds, man: Samples
) -> None:
    """A feed waits for the worker; others do not."""
    _, feed = await held(engine, rounds, man)
    for _ in range(100):
        await asyncio.sleep(0)
    assert not feed.done()
    rounds.gate.set()
    assert len(await feed) == 5


async def test_streams_that_are_due_share_a_round(
    engine: Engine, rounds: Rounds, man: Samples
) -> None:
    """While a worker is busy the others gather, and go together."""
    _, first = await held(engine, rounds, man[:16384])
    analyses = [engine.open_stream(StreamParameters()) for _ in range(6)]
    feeds = [asyncio.create_task(analysis.feed(man[:16384])) for analysis in analyses]
    await asyncio.sleep(0)
    rounds.gate.set()
    await asyncio.gather(first, *feeds)
    assert rounds.streams[:2] == [1, 6]
    assert max(rounds.steps) <= BATCH_STEPS


async def test_a_long_feed_does_not_hold_up_the_others(
    engine: Engine, rounds: Rounds, man: Samples
) -> None:
    """Streams take turns, in slices that are short however much waits."""
    _, long = await held(engine, rounds, np.resize(man, 60 * 16384))
    short = asyncio.create_task(engine.open_stream(StreamParameters()).feed(man[:16384]))
    await asyncio.sleep(0)
    rounds.gate.set()
    assert len(await short) == 1
    assert not long.done()
    assert len(await long) == 60
    assert max(rounds.steps) <= BATCH_STEPS


async def test_a_feed_in_real_time_is_heard_once_a_period(
    engine: Engine, rounds: Rounds, man: Samples
) -> None:
    """Its steps wait for one another; they cost less together."""
    analysis = engine.open_stream(StreamParameters())
    for start in range(0, 5 * 16384, 320):
        await analysis.feed(man[start : start + 320])
    assert rounds.steps == [16] * 5


async def test_a_feed_needs_a_running_engine(man: Samples) -> None:
    """Before the start and after the end."""
    engine = Engine()
    with pytest.raises(EngineClosed, match="not running"):
        await engine.open_stream(StreamParameters()).feed(man)
    await engine.start()
    await engine.close()
    with pytest.raises(EngineClosed, match="not running"):
        await engine.open_stream(StreamParameters()).feed(man)


async def test_closing_ends_the_threads() -> None:
    """All of them, and closing again does nothing."""
    engine = Engine()
    await engine.start()
    assert len(inference_threads()) == 2  # one is in reserve
    await engine.close()
    assert inference_threads() == []
    await engine.close()


async def test_closing_fails_the_feeds_under_way(rounds: Rounds, man: Samples) -> None:
    """The one in a round and the ones in the line; nobody waits for ever."""
    engine = Engine()
    await engine.start()
    feeds = [(await held(engine, rounds, man))[1] for _ in range(3)]
    going_home = engine._workers
    assert going_home is not None
    closing = asyncio.create_task(engine.close())
    while not going_home._closing:  # noqa: ASYNC110  nothing of the engine's is there to wait for
        await asyncio.sleep(0.001)
    rounds.gate.set()
    await closing
    for feed in feeds:
        with pytest.raises(EngineClosed):
            await feed
    assert inference_threads() == []


async def _fed(engine: Engine, samples: Samples) -> list[Step]:
    return await engine.open_stream(StreamParameters()).feed(samples)


async def test_a_cancelled_feed_ends_the_analysis(
    engine: Engine, rounds: Rounds, man: Samples
) -> None:
    """Part of its audio is judged; the rest never is, and others go on."""
    analysis, feed = await held(engine, rounds, np.resize(man, 600 * 16384))
    feed.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await feed
    rounds.gate.set()
    assert len(await _fed(engine, man)) == 5
    assert len(rounds.steps) < 20
    with pytest.raises(RuntimeError, match="has ended"):
        await analysis.feed(man)


async def test_closing_an_analysis_wakes_its_feed(
    engine: Engine, rounds: Rounds, man: Samples
) -> None:
    """With an error, because the audio is not judged."""
    analysis, feed = await held(engine, rounds, man)
    analysis.close()
    with pytest.raises(EngineClosed, match="analysis has been closed"):
        await feed
    rounds.gate.set()
    assert len(await _fed(engine, man)) == 5


async def test_an_error_in_a_round_reaches_the_feed(
    engine: Engine, rounds: Rounds, man: Samples
) -> None:
    """And the worker lives on."""
    rounds.error = MemoryError("no room")
    with pytest.raises(MemoryError, match="no room"):
        await _fed(engine, man)
    rounds.error = None
    assert len(await _fed(engine, man)) == 5


async def test_one_feed_at_a_time(engine: Engine, rounds: Rounds, man: Samples) -> None:
    """A second one is a mistake of the caller's, and is told so."""
    analysis, feed = await held(engine, rounds, man)
    with pytest.raises(RuntimeError, match="one feed at a time"):
        await analysis.feed(man)
    with pytest.raises(RuntimeError, match="one feed at a time"):
        await analysis.finish()
    rounds.gate.set()
    assert len(await feed) == 5


async def test_nothing_follows_the_end(engine: Engine, man: Samples) -> None:
    """Neither audio nor another end."""
    analysis = engine.open_stream(StreamParameters())
    await analysis.finish()
    for late in (analysis.feed(man), analysis.finish()):
        with pytest.raises(RuntimeError, match="has ended"):
            await late


@pytest.mark.parametrize(
    "samples", [np.zeros(5, np.float32), np.zeros((5, 1), np.int16), np.zeros(5, np.int32)]
)
async def test_only_sixteen_bit_mono_is_taken(
    samples: npt.NDArray[np.generic], engine: Engine
) -> None:
    """Floats would be heard 32768 times too quiet."""
    analysis: Analysis = engine.open_stream(StreamParameters())
    with pytest.raises(ValueError, match="int16"):
        await analysis.feed(samples)  # type: ignore[arg-type]  # the mistake under test
