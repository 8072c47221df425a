"""Results depend on the samples and the parameters, and on nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import numpy as np
import pytest

from deeptone_tui.dsp import Samples
from deeptone_tui.endpoint.engine import Analysis, Engine
from deeptone_tui.protocol import Step, StreamParameters

Judging = Callable[..., Awaitable[list[Step]]]
ALL = ("speech-rt", "speech", "gender")


def assert_same(some: Sequence[Step], others: Sequence[Step]) -> None:
    """Equal but for the last digit, which the order of additions may change."""
    assert len(some) == len(others)
    for one, other in zip(some, others, strict=True):
        assert one.timestamp == other.timestamp
        for model, answer in one.answers.items():
            assert answer.result == other.answers[model].result
            assert answer.confidence == pytest.approx(other.answers[model].confidence, abs=1.01e-4)
        assert (one.raw is None) == (other.raw is None)
        for model, raw in (one.raw or {}).items():
            assert raw == pytest.approx((other.raw or {})[model], abs=2.01e-4)


@pytest.fixture
def mixed(woman: Samples, man: Samples) -> Samples:
    """Six seconds of two voices, a chord and a pause."""
    t = np.arange(16384) / 16000
    chord = np.sum([np.sin(2 * np.pi * pitch * t) for pitch in (220, 277.2, 329.6)], axis=0)
    pause = np.zeros(8000, np.int16)
    return np.concatenate(
        [woman[16384:49152], (chord * 3000).astype(np.int16), man[16384:49152], pause]
    )


CHUNKS = [
    [1600] * 200,
    [1, 1023, 1025, 7, 20000, 3, 16384, 4097, 1, 1, 30001],
    [1024] * 300,
    [50_000, 40_000],
]
"""100 ms; odd ones; a step at a time; longer than a period."""


@pytest.mark.parametrize(
    ("period", "models"), [(64, ALL[:2]), (192, ALL[:2]), (1024, ALL), (2048, ALL)]
)
async def test_chunks_do_not_matter(
    period: int, models: tuple[str, ...], judge: Judging, mixed: Samples
) -> None:
    """The same results however the audio is cut."""
    wanted = {"models": models, "output_period": period, "include_raw_values": True}
    whole = await judge(mixed, **wanted)
    for chunks in CHUNKS:
        sizes = np.array(chunks)[np.cumsum(chunks) < len(mixed)].tolist()
        assert_same(await judge(mixed, chunks=sizes, **wanted), whole)


async def feed_all(analysis: Analysis, samples: Samples, chunk: int) -> list[Step]:
    """Feed a stream in chunks and finish it."""
    steps = []
    for start in range(0, len(samples), chunk):
        steps += await analysis.feed(samples[start : start + chunk])
    return steps + await analysis.finish()


async def test_other_streams_do_not_matter(engine: Engine, judge: Judging, mixed: Samples) -> None:
    """Six streams at once, each with its own audio, period and chunks, as if alone."""
    periods = [64, 256, 640, 1024, 1088, 2048]
    models = [ALL[:2], ALL[:1], ALL, ALL, ALL[1:2], ALL]
    rolled = [np.roll(mixed, 5000 * n) for n in range(len(periods))]
    together = await asyncio.gather(
        *(
            feed_all(
                engine.open_stream(StreamParameters(models=own, output_period=period)),
                samples,
                999 * (n + 1),
            )
            for n, (period, own, samples) in enumerate(zip(periods, models, rolled, strict=True))
        )
    )
    for period, own, samples, steps in zip(periods, models, rolled, together, strict=True):
        assert_same(steps, await judge(samples, models=own, output_period=period))


@pytest.mark.parametrize("period", [64, 1024])
async def test_asking_for_raw_values_changes_no_answer(
    period: int, judge: Judging, mixed: Samples
) -> None:
    """To the last digit."""
    wanted = {"models": ALL, "output_period": period}
    plain = await judge(mixed, **wanted)
    raw = await judge(mixed, include_raw_values=True, **wanted)
    assert [step.answers for step in plain] == [step.answers for step in raw]
    assert all(step.raw is None for step in plain)
    assert all(step.raw is not None for step in raw)


async def test_asking_for_more_models_changes_no_answer(judge: Judging, mixed: Samples) -> None:
    """Each model says beside others what it says alone."""
    together = await judge(mixed, models=ALL)
    for model in ALL:
        alone = await judge(mixed, models=(model,))
        assert [step.answers[model] for step in alone] == [step.answers[model] for step in together]
        assert all(list(step.answers) == [model] for step in alone)
