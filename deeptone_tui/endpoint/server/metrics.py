"""``GET /metrics``: counters and gauges of the server in Prometheus' text format.

Format: "Exposition formats", prometheus.io, text version 0.0.4. Names and units follow its "Metric
and label naming": seconds, bytes, ``_total`` for counters.
"""

import bisect
import itertools
import os
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
DELAY_BOUNDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Upper bounds of the delay histogram, in seconds."""


@dataclass(slots=True)
class Histogram:
    """Histogram of observed values."""

    bounds: tuple[float, ...] = DELAY_BOUNDS
    counts: list[int] = field(default_factory=list)
    """Number of values between each bound and the previous one; last, those above all bounds."""
    total: float = 0.0

    def __post_init__(self) -> None:
        """Set all counts to zero."""
        self.counts = [0] * (len(self.bounds) + 1)

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect.bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass(slots=True)
class Metrics:
    """Counters of the running server; written only on the event loop."""

    streams_open: int = 0
    streams: int = 0
    """Streams accepted so far."""
    results: int = 0
    audio_seconds: float = 0.0
    received_bytes: int = 0
    dropped_bytes: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    """Number of refusals by reason."""
    delays: Histogram = field(default_factory=Histogram)


@dataclass(frozen=True, slots=True)
class MetricFamily:
    """One metric with its samples."""

    name: str
    kind: str
    meaning: str
    samples: tuple[tuple[str, float], ...]
    """Suffix of the name with labels, and value, of each sample."""


def exposition(
    figures: Metrics, *, version: str, connections: int, waiting: tuple[int, int]
) -> str:
    """Return the metrics page.

    Args:
        figures: counters of the server.
        version: version of the program.
        connections: number of open connections of any kind.
        waiting: numbers of streams that wait for the models: in real time, and ahead of it.
    """
    readings = (
        *_of_streams(figures, connections),
        *_of_audio(figures),
        *_of_models(figures, waiting),
        MetricFamily("deeptone_info", "gauge", "Version.", ((f'{{version="{version}"}}', 1),)),
        *_of_process(),
    )
    return "".join(itertools.chain.from_iterable(map(_lines, readings)))


def _of_streams(figures: Metrics, connections: int) -> tuple[MetricFamily, ...]:
    refusals = tuple(
        (f'{{reason="{reason}"}}', count) for reason, count in sorted(figures.refusals.items())
    )
    return (
        _one("deeptone_streams_open", "gauge", "Streams open now.", figures.streams_open),
        _one("deeptone_streams_total", "counter", "Streams accepted.", figures.streams),
        _one("deeptone_connections_open", "gauge", "TCP connections of any kind.", connections),
        MetricFamily(
            "deeptone_refusals_total",
            "counter",
            "Connections and streams that were refused or ended for what they did.",
            refusals,
        ),
    )


def _of_audio(figures: Metrics) -> tuple[MetricFamily, ...]:
    return (
        _one(
            "deeptone_audio_seconds_total",
            "counter",
            "Audio judged.",
            round(figures.audio_seconds, 3),
        ),
        _one("deeptone_results_total", "counter", "Results sent.", figures.results),
        _one("deeptone_received_bytes_total", "counter", "Audio taken in.", figures.received_bytes),
        _one(
            "deeptone_dropped_bytes_total",
            "counter",
            "Audio taken in and not judged: WAV headers, half samples, and what was under way when"
            " a stream was cut off. A stream that lasts loses none.",
            figures.dropped_bytes,
        ),
    )


def _of_models(figures: Metrics, waiting: tuple[int, int]) -> tuple[MetricFamily, ...]:
    delays = figures.delays
    below = list(itertools.accumulate(delays.counts))
    bounds = (*(f"{bound:g}" for bound in delays.bounds), "+Inf")
    buckets = tuple(
        (f'_bucket{{le="{bound}"}}', count) for bound, count in zip(bounds, below, strict=True)
    )
    in_time, ahead = waiting
    return (
        MetricFamily(
            "deeptone_streams_waiting",
            "gauge",
            "Streams whose audio waits for the models, by their pace.",
            (('{pace="in_time"}', in_time), ('{pace="ahead"}', ahead)),
        ),
        MetricFamily(
            "deeptone_result_delay_seconds",
            "histogram",
            "From the arrival of a period's last byte until its result is handed to the socket.",
            (*buckets, ("_sum", round(delays.total, 6)), ("_count", below[-1])),
        ),
    )


def _of_process() -> tuple[MetricFamily, ...]:
    """Return the standard process metrics of Prometheus clients; none without /proc."""
    if not sys.platform.startswith("linux"):
        return ()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE")
    files = sum(1 for _ in Path("/proc/self/fd").iterdir())
    used = os.times()
    return (
        _one("process_resident_memory_bytes", "gauge", "Memory in use.", memory),
        _one("process_open_fds", "gauge", "Open files and sockets.", files),
        _one(
            "process_cpu_seconds_total",
            "counter",
            "Processor time.",
            round(used.user + used.system, 2),
        ),
    )


def _one(name: str, kind: str, meaning: str, value: float) -> MetricFamily:
    return MetricFamily(name, kind, meaning, (("", value),))


def _lines(reading: MetricFamily) -> Iterable[str]:
    yield f"# HELP {reading.name} {reading.meaning}\n"
    yield f"# TYPE {reading.name} {reading.kind}\n"
    for labels, value in reading.samples:
        yield f"{reading.name}{labels} {value}\n"
