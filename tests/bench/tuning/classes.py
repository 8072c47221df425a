"""What the local endpoint says of each step of the clips at threshold 0; kept, for it is slow."""

import asyncio
import hashlib
from collections.abc import Sequence

import numpy as np

from bench.tuning.clips import Clip
from bench.tuning.fetch import folder
from deeptone_tui.endpoint.engine import Engine
from deeptone_tui.protocol import STEP_MS, STEP_SAMPLES, StreamParameters
from deeptone_tui.tuning import OTHER, SPEECH, Heard

TOGETHER = 16
"""Streams at a time."""


def heard(half: str, clips: Sequence[Clip], period_ms: int) -> list[Heard]:
    """The answers of ``speech-rt`` for each clip, all of one length, one for each of its steps."""
    digest = hashlib.sha256(b"".join(clip.samples.tobytes() for clip in clips)).hexdigest()[:16]
    kept = folder() / f"classes-{half}-{period_ms}-{digest}.npy"
    if not kept.exists():
        folder().mkdir(parents=True, exist_ok=True)
        np.save(kept, np.array(asyncio.run(_ask(clips, period_ms))))
    return list(np.load(kept))


async def _ask(clips: Sequence[Clip], period_ms: int) -> list[Heard]:
    engine = Engine()
    await engine.start()
    parameters = StreamParameters(output_period=period_ms, volume_threshold=0.0)
    answers: list[Heard] = []
    for start in range(0, len(clips), TOGETHER):
        some = clips[start : start + TOGETHER]
        answers += await asyncio.gather(*(_listen(engine, parameters, clip) for clip in some))
    await engine.close()
    return answers


async def _listen(engine: Engine, parameters: StreamParameters, clip: Clip) -> Heard:
    analysis = engine.open_stream(parameters)
    results = await analysis.feed(clip.samples) + await analysis.finish()
    spoken = [
        SPEECH if result.answers["speech-rt"].result == "speech" else OTHER for result in results
    ]
    steps = len(clip.samples) // STEP_SAMPLES
    return np.repeat(np.array(spoken, np.int8), parameters.output_period // STEP_MS)[:steps]
