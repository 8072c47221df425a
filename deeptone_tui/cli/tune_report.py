"""Output of ``tune``: its report on stdout, and its progress on stderr."""

import math
import sys
import time
from collections.abc import Callable, Sequence

from deeptone_tui.archive.analysis import Progress, TuningResult
from deeptone_tui.archive.recordings import InputFailure
from deeptone_tui.cli.devices import aligned
from deeptone_tui.cli.errors import tell
from deeptone_tui.core.line_writer import draw_on_stderr
from deeptone_tui.core.redaction import to_json
from deeptone_tui.core.text import clean_name, short_clock
from deeptone_tui.protocol import format_threshold
from deeptone_tui.protocol.units import format_dbfs, format_share, to_dbfs
from deeptone_tui.tuning import Cost, Part

_REDRAW_INTERVAL_S = 0.2
"""Seconds between two redraws."""
_ERASE = "\r\x1b[K"

_NONE = "–"
_PARTS = ("silence", "speech_lost", "noise_passed", "mixed_silenced")
_HEADER = (
    ("", "", "threshold", "", "noise", "speech", "speech", "noise", "", "how"),
    ("source", "length", "amplitude", "dBFS", "dBFS", "dBFS", "lost", "passed", "silence", "sure"),
)


class ProgressLine:
    """Progress line, on a terminal only; with ``verbose`` also a line per source, anywhere.

    Args:
        sources: number of sources.
        verbose: True to report each finished source.
        clock: monotonic clock in seconds.
    """

    def __init__(
        self, sources: int, *, verbose: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sources = sources
        self._verbose = verbose
        self._clock = clock
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._began = clock()
        self._drawn: float | None = None

    def update(self, progress: Progress, through: Sequence[str] = ()) -> None:
        """Show the progress, and report newly finished sources."""
        if self._verbose and through:
            self.clear()
            for name in through:
                tell(f"done with {name}")
        now = self._clock()
        if self._terminal and (self._drawn is None or now - self._drawn >= _REDRAW_INTERVAL_S):
            draw_on_stderr(_ERASE + self.words(progress))
            self._drawn = now

    def words(self, progress: Progress) -> str:
        """Return the progress in words: ``analysed 12 of 60 sources, 11:32, 130 × real time``.

        For a single source: the time analysed, and its length.
        """
        if self._sources == 1:
            heard = f"{short_clock(progress.heard)} of {short_clock(progress.length)}"
        else:
            heard = f"{progress.done} of {self._sources} sources, {short_clock(progress.heard)}"
        passed = self._clock() - self._began
        speed = f", {progress.heard / passed:.0f} × real time" if passed > 1 else ""
        return f"analysed {heard}{speed}"

    def clear(self) -> None:
        """Erase the line."""
        if self._drawn is not None:
            draw_on_stderr(_ERASE)
            self._drawn = None


def table(findings: Sequence[TuningResult], whole: TuningResult) -> list[str]:
    """Return the report as lines: the figures of each source, and below them verdict and reason.

    What is lost, passed and silence is counted in periods, whose length the header states.

    Args:
        findings: results of the sources, at least one.
        whole: result of all of them, which has lines of its own if there are several.
    """
    shown = [*findings, whole] if len(findings) > 1 else list(findings)
    unit = f"in periods of {whole.output_period} ms"
    rows = [(unit, *_HEADER[0][1:]), *_HEADER[1:], *(_row(item) for item in shown)]
    lines = aligned(rows, right=True)
    for place, item in reversed(list(enumerate(shown, len(_HEADER)))):
        lines.insert(place + 1, f"  {_words(item)}")
    return lines


def _row(found: TuningResult) -> tuple[str, ...]:
    suggestion = found.suggestion
    return (
        clean_name(found.name),
        short_clock(found.seconds),
        _NONE if suggestion.threshold is None else format_threshold(suggestion.threshold),
        _decibels(suggestion.threshold),
        _decibels(suggestion.noise_floor),
        _decibels(suggestion.speech_level),
        *_counts(found.cost),
        _NONE if suggestion.threshold is None else format_share(suggestion.confidence),
    )


def _counts(cost: Cost | None) -> tuple[str, str, str]:
    if cost is None:
        return _NONE, _NONE, _NONE
    lost, passed, silence = cost.speech_lost, cost.noise_passed, cost.silence
    return _of(lost), _of(passed), _of(silence)


def _of(part: Part) -> str:
    return f"{part.count} of {part.whole}" if part.whole else _NONE


def _words(found: TuningResult) -> str:
    parts = [f"{found.suggestion.verdict}: {found.suggestion.reason}"]
    if found.labelled and found.suggestion.threshold is not None:
        parts.append("Speech is as labelled.")
    parts += [fault.words for fault in found.faults]
    if found.lost:
        parts.append(f"{found.lost:.1f} s of audio were lost.")
    return " ".join(parts)


def _decibels(level: float | None) -> str:
    return _NONE if level is None else format_dbfs(level).removesuffix(" dBFS")


def as_json(
    findings: Sequence[TuningResult],
    failures: Sequence[InputFailure],
    whole: TuningResult | None,
    output_period: int,
    endpoint: str | None,
) -> str:
    """Return one JSON object: the request, ``sources``, ``failures``, and ``all``, null if none.

    Args:
        findings: results of the sources.
        failures: sources that could not be heard.
        whole: result of all sources.
        output_period: milliseconds of a result, the unit of all counts.
        endpoint: the endpoint asked for speech; None if only levels were measured.
    """
    document = {
        "endpoint": endpoint,
        "output_period": output_period,
        "sources": [to_object(item) for item in findings],
        "failures": [{"source": item.name, "reason": item.reason} for item in failures],
        "all": None if whole is None else to_object(whole),
    }
    return to_json(document)


def to_object(found: TuningResult) -> dict[str, object]:
    """Return a result as plain values: levels as amplitudes and in dBFS, shares from 0 to 1."""
    suggestion = found.suggestion
    levels: dict[str, object] = {}
    for name in ("threshold", "noise_floor", "speech_level"):
        level: float | None = getattr(suggestion, name)
        levels[name] = level
        levels[f"{name}_dbfs"] = None if level is None else _finite(to_dbfs(level))
    return {
        "source": found.name,
        "seconds": found.seconds,
        "seconds_lost": found.lost,
        "verdict": str(suggestion.verdict),
        **levels,
        "output_period": found.output_period,
        **_shares(found),
        "speech_by": _judge(found),
        "margin_db": None if suggestion.margin is None else suggestion.margin._asdict(),
        "confidence": suggestion.confidence,
        "reason": " ".join([suggestion.reason, *(fault.words for fault in found.faults)]),
        "faults": {str(fault.kind): fault.words for fault in found.faults},
    }


def _shares(found: TuningResult) -> dict[str, object]:
    """Return the cost of the threshold, as shares and in periods; null without a threshold."""
    cost = found.cost
    if cost is None:
        return {**dict.fromkeys(_PARTS), "periods": None}
    parts: dict[str, Part] = {name: getattr(cost, name) for name in _PARTS}
    counts = {name: {"count": part.count, "of": part.whole} for name, part in parts.items()}
    return {**{name: part.share for name, part in parts.items()}, "periods": counts}


def _judge(found: TuningResult) -> str:
    """Return what decided about speech: ``labels``, ``models`` or ``levels``."""
    if found.labelled:
        return "labels"
    return "models" if found.judged else "levels"


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
