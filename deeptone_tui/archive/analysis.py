"""One source from beginning to end: the level of each step, and what is heard in it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from deeptone_tui.archive.recordings import AudioInput
from deeptone_tui.audio import Source, SourceOptions, mixed_channels, open_source
from deeptone_tui.dsp import Fault, InputMeter, Levels, StepMeter, input_faults
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_MS, Step, StreamParameters
from deeptone_tui.tuning import OTHER, SPEECH, UNKNOWN, Heard

if TYPE_CHECKING:
    from deeptone_tui.endpoint.engine import Analysis, Engine

MODEL: Final = "speech-rt"
OUTPUT_PERIOD_MS: Final = 256
"""Milliseconds in which the endpoint is asked what is speech, which is not what a threshold is
counted in. Twice as fast as an answer for every step, and what is suggested costs the same (``make
bench-tune``)."""
PARAMETERS: Final = StreamParameters(
    models=(MODEL,), output_period=OUTPUT_PERIOD_MS, volume_threshold=0.0
)
"""What is asked of the endpoint: everything is judged, nothing is silence."""


_JUDGED_SECONDS: Final = 3600.0
"""Of a source that is longer, the last hour is looked at for faults."""
_CHUNK_SECONDS: Final = 4.096
"""Whole periods, and long enough that reading from the disk costs little."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceAnalysis:
    """What was heard of a source."""

    name: str
    levels: Levels
    """Of each step of 64 ms, from 0 to 1, shape (n,)."""
    heard: Heard | None
    """What the endpoint says of each at threshold 0, shape (n,); None: it was not asked."""
    seconds: float
    """Length of what was heard."""
    lost: float = 0.0
    """Seconds of live audio that were lost on the way."""
    faults: tuple[Fault, ...] = ()
    """What about the source makes its levels misleading."""


@dataclass(slots=True)
class Progress:
    """How far the listening has come; written by one thread, read by another."""

    heard: float = 0.0
    """Seconds heard, of all sources together."""
    length: float = 0.0
    """Length in seconds of the sources that were opened, where it is known."""
    done: int = 0
    """Sources that are through."""


Advance = Callable[[float, float], None]
"""Called with seconds that were heard and seconds that were found to be there."""


async def listen(
    recording: AudioInput,
    options: SourceOptions,
    engine: "Engine | None",
    *,
    limit: float | None,
    advance: Advance,
) -> SourceAnalysis:
    """Hear a source to its end.

    Args:
        recording: the source.
        options: how it delivers.
        engine: the models; None to measure levels only.
        limit: seconds after which a live source is left.
        advance: told how far it is.

    Raises:
        SourceError: when it cannot be opened or breaks off.
    """
    options = replace(options, chunk_seconds=_CHUNK_SECONDS)
    most = None if limit is None or recording.is_file else math.ceil(limit * SAMPLE_RATE_HZ)
    source = open_source(recording.spec, options)
    analysis = engine.open_stream(PARAMETERS) if engine is not None else None
    try:
        await source.open()
        length = source.info.duration if most is None else limit
        advance(0.0, length or 0.0)
        return await _hear(recording.name, source, analysis, most, advance)
    finally:
        await source.close()
        if analysis is not None:
            analysis.close()


async def _hear(
    name: str, source: Source, analysis: "Analysis | None", most: int | None, advance: Advance
) -> SourceAnalysis:
    meter, inputs = StepMeter(), InputMeter(_JUDGED_SECONDS)
    levels, answers, heard, lost = [np.empty(0)], list[Step](), 0, 0
    async for block in source.blocks():
        samples = block.samples if most is None else block.samples[: most - heard]
        lost += block.lost
        heard += len(samples)
        levels.append(meter.feed(samples))
        inputs.feed(samples)
        if analysis is not None:
            answers += await analysis.feed(samples)
        advance(len(samples) / SAMPLE_RATE_HZ, 0.0)
        if most is not None and heard >= most:
            break
    if analysis is not None:
        answers += await analysis.finish()
    steps = np.concatenate(levels)
    said = None if analysis is None else heard_of(answers, len(steps))
    faults = input_faults(inputs.figures(), mixed_channels(source))
    return SourceAnalysis(name, steps, said, heard / SAMPLE_RATE_HZ, lost / SAMPLE_RATE_HZ, faults)


def heard_of(answers: Sequence[Step], steps: int) -> Heard:
    """What the answers to `PARAMETERS` say of each step, shape (steps,).

    A step is what its period is; the last period may be incomplete. An answer that never came
    leaves its steps unknown.
    """
    heard = np.full(steps, UNKNOWN, np.int8)
    for answer in answers:
        first = round(answer.timestamp / STEP_MS)
        heard[first : first + OUTPUT_PERIOD_MS // STEP_MS] = said_of(answer)
    return heard


def said_of(step: Step) -> int:
    """What an answer at threshold 0 says of its steps: `SPEECH`, `OTHER` or `UNKNOWN`."""
    answer = step.answers.get(MODEL)
    if answer is None or answer.result in {None, "unknown"}:
        return UNKNOWN
    return SPEECH if answer.result == "speech" else OTHER
