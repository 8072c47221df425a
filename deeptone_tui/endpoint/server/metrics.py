"""``GET /metrics``: counters and gauges of the server in Prometheus' text format.

Format: "Exposition formats", prometheus.io, text version 0.0.4. Names and units follow its "Metric
and label naming": seconds, bytes, ``_total`` for counters.
"""

import bisect
import itertools
import os
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
DELAY_BOUNDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Upper bounds of the delay histogram, in seconds."""
_DROPPED: Final = (
    "Audio taken in and not judged: WAV headers, half samples, and what was under way when a stream"
    " was cut off. A stream that lasts loses none."
)


@dataclass(slots=True)
class Histogram:
    """Histogram of delays in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(DELAY_BOUNDS) + 1))
    """Number of values between each bound and the previous one; last, those above all bounds."""
    total: float = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect.bisect_left(DELAY_BOUNDS, value)] += 1
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


Family = tuple[str, str, str, float | Mapping[str, float]]
"""Name, type and meaning of a metric, and its value, or those of its samples by what follows the
name: a suffix, labels."""


def exposition(
    metrics: Metrics, *, version: str, connections: int, waiting: tuple[int, int]
) -> str:
    """Return the metrics page.

    Args:
        metrics: counters of the server.
        version: version of the program.
        connections: number of open connections of any kind.
        waiting: numbers of streams that wait for the models: in real time, and ahead of it.
    """
    in_time, ahead = waiting
    families: tuple[Family, ...] = (
        *_of_streams(metrics, connections),
        (
            "deeptone_streams_waiting",
            "gauge",
            "Streams whose audio waits for the models, by their pace.",
            {'{pace="in_time"}': in_time, '{pace="ahead"}': ahead},
        ),
        (
            "deeptone_result_delay_seconds",
            "histogram",
            "From the arrival of a period's last byte until its result is handed to the socket.",
            _samples(metrics.delays),
        ),
        ("deeptone_info", "gauge", "Version.", {f'{{version="{version}"}}': 1}),
        *_of_process(),
    )
    return "".join(itertools.starmap(_lines, families))


def _of_streams(metrics: Metrics, connections: int) -> tuple[Family, ...]:
    refusals = {f'{{reason="{why}"}}': count for why, count in sorted(metrics.refusals.items())}
    seconds = round(metrics.audio_seconds, 3)
    return (
        ("deeptone_streams_open", "gauge", "Streams open now.", metrics.streams_open),
        ("deeptone_streams_total", "counter", "Streams accepted.", metrics.streams),
        ("deeptone_connections_open", "gauge", "TCP connections of any kind.", connections),
        (
            "deeptone_refusals_total",
            "counter",
            "Connections and streams that were refused or ended for what they did.",
            refusals,
        ),
        ("deeptone_audio_seconds_total", "counter", "Audio judged.", seconds),
        ("deeptone_results_total", "counter", "Results sent.", metrics.results),
        ("deeptone_received_bytes_total", "counter", "Audio taken in.", metrics.received_bytes),
        (
            "deeptone_dropped_bytes_total",
            "counter",
            _DROPPED,
            metrics.dropped_bytes,
        ),
    )


def _samples(histogram: Histogram) -> dict[str, float]:
    """Return the samples of a histogram: cumulative buckets, sum and count."""
    bounds = (*(f"{bound:g}" for bound in DELAY_BOUNDS), "+Inf")
    below = list(itertools.accumulate(histogram.counts))
    buckets = {
        f'_bucket{{le="{bound}"}}': count for bound, count in zip(bounds, below, strict=True)
    }
    return {**buckets, "_sum": round(histogram.total, 6), "_count": below[-1]}


def _of_process() -> tuple[Family, ...]:
    """Return the standard process metrics of Prometheus clients; none without /proc."""
    if not sys.platform.startswith("linux"):
        return ()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE")
    files = sum(1 for _ in Path("/proc/self/fd").iterdir())
    used = os.times()
    seconds = round(used.user + used.system, 2)
    return (
        ("process_resident_memory_bytes", "gauge", "Memory in use.", memory),
        ("process_open_fds", "gauge", "Open files and sockets.", files),
        ("process_cpu_seconds_total", "counter", "Processor time.", seconds),
    )


def _lines(name: str, kind: str, meaning: str, value: float | Mapping[str, float]) -> str:
    samples = value if isinstance(value, Mapping) else {"": value}
    lines = "".join(f"{name}{suffix} {number}\n" for suffix, number in samples.items())
    return f"# HELP {name} {meaning}\n# TYPE {name} {kind}\n{lines}"
