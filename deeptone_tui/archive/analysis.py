"""Analysis of one source, and the tuning result of one or of all of them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from deeptone_tui.archive.recordings import AudioInput, Segment, truth_of
from deeptone_tui.audio import Source, SourceOptions, mixed_channels, open_source
from deeptone_tui.dsp import Fault, InputMeter, Levels, StepMeter, input_faults
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_MS, Step, StreamParameters
from deeptone_tui.tuning import (
    UNKNOWN,
    Cost,
    Evidence,
    Heard,
    Periods,
    SpeechPosterior,
    Suggestion,
    heard_in,
    known_speech,
    suggest_from,
)

if TYPE_CHECKING:
    from deeptone_tui.endpoint.engine import Analysis, Engine


MODEL: Final = "speech-rt"
OUTPUT_PERIOD_MS: Final = 256
"""Milliseconds of a period in which the endpoint is asked for speech; thresholds are not counted in
it. Twice as fast as one answer per step, and the suggested threshold costs the same (``make
bench-tune``)."""
PARAMETERS: Final = StreamParameters(
    models=(MODEL,), output_period=OUTPUT_PERIOD_MS, volume_threshold=0.0
)
"""Parameters of the request to the endpoint: everything is judged, nothing is silence."""

_JUDGED_SECONDS: Final = 3600.0
"""Seconds that are checked for faults: of a longer source, the last hour."""
_CHUNK_SECONDS: Final = 4.096
"""Seconds per block: whole periods, and long enough that reading from disk costs little."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceAnalysis:
    """Levels and answers for one source."""

    name: str
    levels: Levels
    """Level of each step of 64 ms, from 0 to 1, shape (n,)."""
    heard: Heard | None
    """The endpoint's answer for each step at threshold 0, shape (n,); None if it was not asked."""
    seconds: float
    """Length of the analysed audio in seconds."""
    lost: float = 0.0
    """Seconds of live audio that were lost on the way."""
    faults: tuple[Fault, ...] = ()
    """Faults of the source that make its levels misleading."""


@dataclass(slots=True)
class Progress:
    """Progress of the analysis; written by one thread, read by another."""

    heard: float = 0.0
    """Seconds heard, summed over all sources."""
    length: float = 0.0
    """Total seconds of the opened sources, as far as their lengths are known."""
    done: int = 0
    """Number of finished sources."""


Advance = Callable[[float, float], None]
"""Progress callback with newly heard seconds, and newly found seconds of length."""


async def listen(
    recording: AudioInput,
    options: SourceOptions,
    engine: "Engine | None",
    *,
    limit: float | None,
    advance: Advance,
) -> SourceAnalysis:
    """Analyse a source to its end.

    Args:
        recording: the source.
        options: delivery options of the source.
        engine: the models; None to measure levels only.
        limit: seconds after which a live source is closed; None for no limit.
        advance: progress callback.

    Raises:
        SourceError: if the source cannot be opened or breaks off.
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
    """Return the class of each step from the answers to `PARAMETERS`, shape (steps,).

    A step has the class of its period; the last period may be incomplete. Steps without an answer
    stay unknown.
    """
    heard = np.full(steps, UNKNOWN, np.int8)
    for answer in answers:
        first = round(answer.timestamp / STEP_MS)
        heard[first : first + OUTPUT_PERIOD_MS // STEP_MS] = heard_in(answer)
    return heard


@dataclass(frozen=True, slots=True, eq=False)
class TuningResult:
    """A suggested threshold, and its cost in output periods."""

    name: str
    seconds: float
    output_period: int
    """Output period in milliseconds, the unit of all counts."""
    suggestion: Suggestion
    cost: Cost | None
    """Cost of the suggested threshold; None without one."""
    labelled: bool
    """True if labels decide what is speech; otherwise the judgement of the steps does."""
    periods: Periods
    """Periods from which the cost of any threshold is counted."""
    judged: bool
    """True if an endpoint was asked for speech; otherwise only levels were measured."""
    evidence: Evidence
    truth: Heard | None = None
    """True class of each step, shape (n,); None if not labelled."""
    lost: float = 0.0
    """Seconds of live audio that were lost on the way."""
    faults: tuple[Fault, ...] = ()
    """Faults that make the levels misleading."""


def find(
    hearing: SourceAnalysis, segments: Sequence[Segment] | None = None, *, output_period: int
) -> TuningResult:
    """Find the threshold for one source.

    Args:
        hearing: analysis of the source.
        segments: its true speech, if it is labelled.
        output_period: milliseconds of a result, a multiple of 64.
    """
    truth = None if segments is None else truth_of(segments, len(hearing.levels))
    evidence = Evidence.cut(hearing.levels, hearing.heard, output_period // STEP_MS)
    length = hearing.seconds, hearing.lost
    found = _found(hearing.name, length, output_period, evidence, truth)
    return replace(found, faults=hearing.faults)


def find_for_all(findings: Sequence[TuningResult]) -> TuningResult:
    """Find one threshold for all sources, treated as one long recording.

    The cost is counted by labels only if all sources have them.

    Raises:
        ValueError: if there are no results.
    """
    evidence = Evidence.joined([item.evidence for item in findings])
    truths = [item.truth for item in findings if item.truth is not None]
    truth = np.concatenate(truths) if len(truths) == len(findings) else None
    seconds, lost = sum(item.seconds for item in findings), sum(item.lost for item in findings)
    return _found("all", (seconds, lost), findings[0].output_period, evidence, truth)


def _found(
    name: str,
    length: tuple[float, float],
    output_period: int,
    evidence: Evidence,
    truth: Heard | None,
) -> TuningResult:
    """Return the result for a length in seconds, heard and lost."""
    seconds, lost = length
    judged = SpeechPosterior.of(evidence.levels, evidence.heard)
    found = suggest_from(judged, evidence.starts)
    periods = judged.periods(evidence.starts)
    if truth is not None:
        periods = Periods.of(evidence.levels, known_speech(truth), evidence.starts)
    cost = None if found.threshold is None else periods.cost(found.threshold)
    return TuningResult(
        name,
        seconds,
        output_period,
        found,
        cost,
        truth is not None,
        periods,
        evidence.heard is not None,
        evidence,
        truth,
        lost,
    )
