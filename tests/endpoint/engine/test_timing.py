"""When results come, and for which audio."""

from collections.abc import Awaitable, Callable

import pytest

from deeptone_tui.dsp import Samples
from deeptone_tui.endpoint.engine import Engine
from deeptone_tui.protocol import Step, StreamParameters

Judging = Callable[..., Awaitable[list[Step]]]


@pytest.mark.parametrize(
    ("period", "timestamps"),
    [
        (64, [64.0 * n for n in range(80)]),
        (640, [640.0 * n for n in range(8)]),
        (1024, [1024.0 * n for n in range(5)]),
        (1536, [0.0, 1536.0, 3072.0, 4608.0]),
        (3_600_000, [0.0]),
    ],
)
async def test_timestamps_are_the_beginnings_of_periods(
    period: int, timestamps: list[float], judge: Judging, woman: Samples
) -> None:
    """From 0.0; the last, incomplete period comes at the end."""
    steps = await judge(woman, output_period=period)
    assert [step.timestamp for step in steps] == timestamps
    assert all(isinstance(step.timestamp, float) for step in steps)


@pytest.mark.parametrize(
    ("samples", "fed", "finished"),
    [
        (0, 0, 0),
        (1023, 0, 0),
        (1024, 0, 1),
        (16383, 0, 1),
        (16384, 1, 0),
        (16384 + 1023, 1, 0),
        (16384 + 1024, 1, 1),
        (3 * 16384 - 1, 2, 1),
    ],
)
async def test_the_end_gives_what_holds_a_whole_step(
    samples: int, fed: int, finished: int, engine: Engine, man: Samples
) -> None:
    """What is left of a step is not judged."""
    analysis = engine.open_stream(StreamParameters(volume_threshold=0))
    assert len(await analysis.feed(man[:samples])) == fed
    assert len(await analysis.finish()) == finished


async def test_what_is_left_of_a_step_changes_nothing(judge: Judging, man: Samples) -> None:
    """Neither its own results nor those before it."""
    assert await judge(man[: 20 * 1024 + 700]) == await judge(man[: 20 * 1024])


async def test_a_result_comes_with_the_last_sample_of_its_period(
    engine: Engine, man: Samples
) -> None:
    """Not one sample earlier or later."""
    analysis = engine.open_stream(StreamParameters())
    assert await analysis.feed(man[:16383]) == []
    assert len(await analysis.feed(man[16383:16384])) == 1
    assert await analysis.feed(man[16384:16384]) == []
    assert len(await analysis.feed(man[16384:32768])) == 1
    analysis.close()
