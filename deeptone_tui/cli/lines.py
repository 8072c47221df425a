"""Lines on stdout, and results as JSON, each with the counts of the audio up to it."""

import select
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TextIO

from deeptone_tui.audio import SourceKind
from deeptone_tui.cli.errors import OutputError, RunError
from deeptone_tui.cli.outcome import is_over, unjudged
from deeptone_tui.core.line_writer import LineWriter, writer_on
from deeptone_tui.core.redaction import to_json
from deeptone_tui.core.text import reason_of
from deeptone_tui.monitor import Counters, MonitorState, PlacedResult
from deeptone_tui.protocol import SAMPLES_PER_MS

LONGEST_HOLD_S: Final = 0.25
"""Maximum seconds for which a line of a live source is held: a pipe may stall and resume."""


class StdoutLines:
    """Writes lines to stdout as it is at the first of them.

    A slow reader is waited for, until ``hurry`` is called.

    Args:
        clock: monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stream: TextIO | None = None
        self._writer: LineWriter | None = None
        self._until: float | None = None

    @property
    def waiting(self) -> int:
        """Number of lines that the reader has not taken yet."""
        return 0 if self._writer is None else self._writer.waiting

    def write(self, line: str) -> bool:
        """Write a line at once, or as soon as there is room for it.

        Returns:
            True if the line was or will be written; False only after `hurry`, without room in time.

        Raises:
            BrokenPipeError: if the reader has gone.
            RunError: if there is no stdout.
            OutputError: if stdout accepts no data.
        """
        stream = self._opened()
        if self._writer is None:
            stream.write(f"{line}\n")
            stream.flush()
            return True
        data = f"{line}\n".encode(stream.encoding or "utf-8", stream.errors or "strict")
        try:
            return self._writer.put(data, self._patience_s)
        except OSError as error:
            raise _in_words(error) from None

    def hurry(self, seconds: float) -> None:
        """Limit all further waiting to `seconds` from now."""
        self._until = self._clock() + seconds

    def flush(self) -> None:
        """Wait until everything is written, as long as `hurry` allows.

        Raises:
            BrokenPipeError: if the reader has gone.
            OutputError: if it could not be written.
        """
        if self._writer is not None:
            try:
                self._writer.flush(self._patience_s)
            except OSError as error:
                raise _in_words(error) from None

    def check_reader(self) -> None:
        """Check whether the reader has gone, without writing: results may take long to come.

        Raises:
            BrokenPipeError: if it has.
            RunError: if there is no stdout.
        """
        stdout = self._opened()
        if not hasattr(select, "poll"):  # Windows: detected by the next line
            return
        poll = select.poll()
        try:
            poll.register(stdout.fileno(), 0)  # errors are always reported
            events = poll.poll(0)
        except (OSError, ValueError):  # no descriptor to ask about
            return
        if any(event & select.POLLERR for _, event in events):
            raise BrokenPipeError

    @property
    def _patience_s(self) -> float | None:
        return None if self._until is None else max(0.0, self._until - self._clock())

    def _opened(self) -> TextIO:
        if sys.stdout is None:
            raise RunError("stdout is closed, but the results go there")
        if self._stream is None:
            self._stream, self._writer = sys.stdout, writer_on(sys.stdout)
        return self._stream


def _in_words(error: OSError) -> Exception:
    """Return the exception to raise for an error of stdout."""
    if isinstance(error, BrokenPipeError):
        return error
    return OutputError(f"the output cannot be written: {reason_of(error)}")


class ResultLines(StdoutLines):
    """Writes results to stdout, the newest only when it is certain whether another follows.

    The end of the audio is settled after the last result: a line written before would count that
    end as in flight for ever.

    Args:
        clock: monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self._given_up = 0
        self._held: deque[PlacedResult] = deque()  # a signal may come between any two lines
        self._since = 0.0

    @property
    def unwritten(self) -> int:
        """Number of results that nobody has read in time."""
        return self._given_up + self.waiting

    def take(self, entries: Sequence[PlacedResult], state: MonitorState) -> None:
        """Write the results that need not be held.

        Args:
            entries: new results, oldest first.
            state: read after the entries were taken, so that it counts them.

        Raises:
            BrokenPipeError: if the reader has gone.
            RunError: if there is no stdout.
        """
        if entries:
            self._held.extend(entries)
            self._since = self._clock()
        held = bool(self._held) and self._may_be_last(self._held[-1], state)
        self._release(state.counters, keep=int(held))

    def end(self, counters: Counters) -> None:
        """Write the remaining lines; audio in flight counts as dropped, because nothing more comes.

        Waits until all are written, or gives up the rest after `hurry`.

        Raises:
            BrokenPipeError: if the reader has gone.
            RunError: if there is no stdout.
        """
        settled = replace(counters, lost=counters.lost + counters.in_flight, in_flight=0)
        self._release(settled, keep=0)
        self.flush()

    def _release(self, counters: Counters, *, keep: int) -> None:
        """Write the oldest lines, all but the newest `keep`."""
        while len(self._held) > keep:
            # Held until it is written: a signal may come in between.
            if not self.write(to_line(self._held[0], counters)):
                self._given_up += len(self._held)
                self._held.clear()
            else:
                self._held.popleft()

    def _may_be_last(self, entry: PlacedResult, state: MonitorState) -> bool:
        """Return True if it is uncertain whether another result follows."""
        if is_over(state.source):
            return True
        if state.source.info.kind is SourceKind.MICROPHONE:
            return False  # it has no end of its own
        beyond = state.counters.captured - entry.sample - entry.samples
        if beyond >= unjudged(state.session):
            return False
        return not state.source.info.live or self._clock() - self._since < LONGEST_HOLD_S


def to_line(entry: PlacedResult, counters: Counters) -> str:
    """Return a result as one line of JSON.

    Its timestamp is in ms from the start of the stream. ``samples`` counts the audio up to now, at
    16 kHz: captured = covered by results + in flight + dropped, always.
    """
    samples = {
        "captured": counters.captured,
        "sent": counters.sent,
        "covered": counters.answered,
        "in_flight": counters.in_flight,
        "dropped": counters.lost,
    }
    wire = entry.step.to_wire()
    own = {"timestamp": entry.sample / SAMPLES_PER_MS, "samples": samples}
    return to_json(wire | own, sort_keys=True)
