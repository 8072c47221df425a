"""What ``tune`` found, as a table for people and as JSON for programs."""

import json
import math
from collections.abc import Sequence

from deeptone_tui.cli.tune_progress import clock_time
from deeptone_tui.level import format_dbfs, format_level, to_dbfs
from deeptone_tui.tune.finding import Finding
from deeptone_tui.tune.recordings import Failure

_NONE = "–"
_HEADER = (
    ("", "", "threshold", "", "noise", "speech", "speech", "other", "", "how"),
    ("source", "length", "amplitude", "dBFS", "dBFS", "dBFS", "lost", "passed", "silence", "sure"),
)


def table(findings: Sequence[Finding], whole: Finding) -> list[str]:
    """Lines: for each source its figures, and under them the verdict and the reason.

    Args:
        findings: at least one.
        whole: that of all of them, which has lines of its own where there are several.
    """
    shown = [*findings, whole] if len(findings) > 1 else list(findings)
    rows = [*_HEADER, *(_row(item) for item in shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_aligned(row, widths) for row in rows]
    for place, item in reversed(list(enumerate(shown, len(_HEADER)))):
        lines.insert(place + 1, f"  {_words(item)}")
    return lines


def _row(found: Finding) -> tuple[str, ...]:
    suggestion = found.suggestion
    return (
        found.name,
        clock_time(found.seconds),
        _NONE if suggestion.threshold is None else format_level(suggestion.threshold),
        _decibels(suggestion.threshold),
        _decibels(suggestion.noise_floor),
        _decibels(suggestion.speech_level),
        _share(found.speech_lost),
        _share(found.other_passed),
        _share(found.silence),
        _share(suggestion.confidence if suggestion.threshold is not None else None, 0),
    )


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    """The name to the left, all else to the right."""
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells).rstrip()


def _words(found: Finding) -> str:
    parts = [f"{found.suggestion.verdict}: {found.suggestion.reason}"]
    if found.labelled and found.suggestion.threshold is not None:
        parts.append("What is lost and passed is counted by the labels.")
    if found.lost:
        parts.append(f"{found.lost:.1f} s were lost on the way.")
    return " ".join(parts)


def _decibels(level: float | None) -> str:
    return _NONE if level is None else format_dbfs(level).removesuffix(" dBFS")


def _share(share: float | None, digits: int = 1) -> str:
    return _NONE if share is None else f"{100 * share:.{digits}f} %"


def as_json(
    findings: Sequence[Finding],
    failures: Sequence[Failure],
    whole: Finding | None,
    *,
    endpoint: str | None,
) -> str:
    """One object: ``endpoint``, ``sources``, ``failures`` and ``all``, null without any source."""
    document = {
        "endpoint": endpoint,
        "sources": [to_object(item) for item in findings],
        "failures": [{"source": item.name, "reason": item.reason} for item in failures],
        "all": None if whole is None else to_object(whole),
    }
    return json.dumps(document, allow_nan=False)


def to_object(found: Finding) -> dict[str, object]:
    """A finding as plain values: levels as amplitudes and in dBFS, shares from 0 to 1."""
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
        "speech_lost": found.speech_lost,
        "other_passed": found.other_passed,
        "errors": "labelled" if found.labelled else "expected",
        "silence": found.silence,
        "confidence": suggestion.confidence,
        "reason": suggestion.reason,
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
