"""The monitor without a screen: its results as lines, its troubles as diagnostics."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from deeptone_tui.cli.errors import ExitCode, Interrupted, RunError, tell
from deeptone_tui.cli.providers import provider_for
from deeptone_tui.cli.settings import Settings
from deeptone_tui.cli.signals import ending_signals
from deeptone_tui.monitor import Entry, Monitor, MonitorState, SessionPhase, SourcePhase

_LOOK_AGAIN = 0.25
"""Seconds after which the state is looked at though nothing was reported."""

_STOP = 2.0
"""Seconds for the monitor's thread to end; then the process ends over it."""


def run(settings: Settings) -> int:
    """Stream a source and print every result, until it ends.

    Returns:
        The exit code.

    Raises:
        RunError: when the source or the endpoint has failed for good.
        BrokenPipeError: when the reader of stdout has gone.
        Interrupted: by a signal.
    """
    for notice in settings.notices:
        tell(notice)
    changed = threading.Event()
    monitor = Monitor(
        settings.source,
        settings.source_options,
        provider_for(settings.url, settings.api_key),
        settings.parameters,
        on_update=changed.set,
    )
    with ending_signals(), _running(monitor):
        _print_results(monitor, changed)
    _check(monitor.state)
    return ExitCode.DONE


@contextmanager
def _running(monitor: Monitor) -> Iterator[None]:
    """The monitor's life, with a summary where it did not go on to the end."""
    monitor.start()
    try:
        yield
    except Interrupted:
        monitor.stop(_STOP)
        tell(f"interrupted: {summary(monitor.state)}")
        raise
    finally:
        monitor.stop(_STOP)


def _print_results(monitor: Monitor, changed: threading.Event) -> None:
    """Print until the monitor is at its end."""
    told: tuple[str, ...] = ()
    ended = False
    while not ended:
        changed.wait(_LOOK_AGAIN)
        changed.clear()
        ended = monitor.wait(0)  # asked before taking: what comes before the end is taken now
        for entry in monitor.take_entries():
            print_line(to_line(entry))
        told = _tell_notices(told, monitor.state.notices)


def to_line(entry: Entry) -> str:
    """A result as one line of JSON, its time counted from the start of the stream."""
    step = entry.step.to_wire() | {"timestamp": entry.sample / 16}
    return json.dumps(step, sort_keys=True, ensure_ascii=False, separators=(", ", ": "))


def print_line(line: str) -> None:
    """Write a line to stdout at once.

    Raises:
        BrokenPipeError: when nobody reads it.
    """
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _tell_notices(told: tuple[str, ...], notices: tuple[str, ...]) -> tuple[str, ...]:
    """Tell what is new in a list that grows at its end and is cut at its beginning."""
    known = max(
        (n for n in range(len(told) + 1) if told[len(told) - n :] == notices[:n]), default=0
    )
    for notice in notices[known:]:
        tell(notice)
    return notices


def _check(state: MonitorState) -> None:
    """Find out whether the end was a good one.

    Raises:
        RunError: when it was not.
    """
    if state.source.phase in {SourcePhase.FAILED, SourcePhase.LOST}:
        raise RunError(state.source.message or f"the source was lost: {state.source.info.name}")
    if state.session.phase in {SessionPhase.REFUSED, SessionPhase.RETRYING}:
        raise RunError(state.session.message or "the endpoint refused the connection")
    missing = state.counters.results_dropped
    if missing:
        raise RunError(f"{missing} results were lost because stdout was not read in time")
    if state.counters.lost:
        raise RunError(f"incomplete: {summary(state)}")


def summary(state: MonitorState) -> str:
    """How far it came, in one line."""
    counters = state.counters
    words = f"{state.seconds:.1f} s of audio, {counters.results} results"
    lost = counters.lost + counters.dropped_by_source
    return f"{words}, {lost / 16_000:.1f} s lost" if lost else words
