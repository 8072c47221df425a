"""The monitor without a screen: results as lines, failures as diagnostics."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from deeptone_tui.cli.errors import (
    Interrupted,
    OutputError,
    RunError,
    ending_signals,
    tell,
)
from deeptone_tui.cli.lines import ResultLines
from deeptone_tui.cli.logs import libraries_logged
from deeptone_tui.cli.outcome import (
    RetryDeadline,
    broken,
    cancelled_out,
    failed,
    incomplete,
    monitor_of,
    recorded_in,
    summary,
    unanswered,
    unrecorded,
    wait_announced,
)
from deeptone_tui.cli.settings import Settings
from deeptone_tui.core.process import ExitCode
from deeptone_tui.monitor import Monitor, MonitorState

_POLL_INTERVAL_S = 0.25
"""Seconds after which the state is polled although nothing was reported."""
_STOP_TIMEOUT_S = 2.0
"""Timeout in seconds for the monitor's thread; then the process ends regardless."""
_FLUSH_TIMEOUT_S = 0.1
"""Timeout in seconds for the reader of stdout to take the last results after a signal."""


def run(settings: Settings) -> int:
    """Stream a source and print every result, until it ends.

    Returns:
        The exit code: failed if a recording is incomplete.

    Raises:
        RunError: if source or endpoint has failed permanently, or results are missing.
        BrokenPipeError: if the reader of stdout has gone.
        Interrupted: by a signal.
    """
    for notice in settings.notices:
        tell(notice)
    changed = threading.Event()
    monitor = monitor_of(settings, settings.source_options, changed.set)
    with (
        ending_signals(),
        libraries_logged(),
        _running(monitor) as (lines, notices),
    ):
        _print_results(monitor, changed, lines, notices)
    return ExitCode.FAILED if unrecorded(monitor.state) else ExitCode.DONE


class StderrNotices:
    """The monitor's notices as diagnostics, each reported once.

    Each is held until the next poll: the last one may be the failure of the run, which is then
    reported as such.
    """

    def __init__(self) -> None:
        self._seen = MonitorState()
        self._held: tuple[str, ...] = ()

    def look(self, state: MonitorState, failure: str | None = None) -> None:
        """Report the held notices except the failure, and hold the new ones."""
        for notice in self._held:
            if notice != failure:
                tell(notice)
        self._held = tuple(notice.words for notice in state.notices_since(self._seen))
        if failure is None and (wait := wait_announced(self._seen.session, state.session)):
            self._held += (wait,)
        self._seen = state

    def finish(self, state: MonitorState, failure: str | None = None) -> None:
        """Report all remaining notices."""
        self.look(state, failure)
        self.look(state, failure)


@contextmanager
def _running(monitor: Monitor) -> Iterator[tuple[ResultLines, StderrNotices]]:
    """Run the monitor, with a summary if it is interrupted."""
    lines, notices, failure = ResultLines(), StderrNotices(), None
    monitor.start()
    try:
        yield lines, notices
    except Interrupted:
        monitor.stop(_STOP_TIMEOUT_S)
        lines.hurry(_FLUSH_TIMEOUT_S)
        lines.take(monitor.take_entries(), monitor.state)
        lines.end(monitor.state.counters)
        notices.finish(monitor.state)
        left = lines.unwritten
        unread = f"; stdout was not read: {left} results not written" if left else ""
        tell(f"interrupted after {summary(monitor.state)}{unread}")
        raise
    except OutputError:
        raise
    except RunError as error:
        failure = str(error)
        raise
    finally:
        monitor.stop(_STOP_TIMEOUT_S)
        notices.finish(monitor.state, failure)
        if failure is not None and (missing := unanswered(monitor.state)):
            tell(missing)
        if recorded := recorded_in(monitor.state):
            tell(recorded)


def _print_results(
    monitor: Monitor, changed: threading.Event, lines: ResultLines, notices: StderrNotices
) -> None:
    """Print results until the monitor ends.

    Raises:
        RunError: if the run has failed; the results before that have been printed.
    """
    ended, patience = False, RetryDeadline()
    while not ended:
        changed.wait(_POLL_INTERVAL_S)
        changed.clear()
        ended = monitor.wait(0)  # asked before taking: what comes before the end is taken now
        entries = monitor.take_entries()
        state = monitor.state  # after them, so that it counts them
        lines.take(entries, state)
        waited = patience.waited(state, time.monotonic())
        failure = failed(state, waited) or (incomplete(state) if ended else None)
        notices.look(state, failure or broken(state.source))  # reported after its results
        if failure is not None or ended:
            lines.end(state.counters)
        if failure is not None:
            raise RunError(failure)
        if ended and (words := cancelled_out(state)):
            tell(words)
        lines.check_reader()
