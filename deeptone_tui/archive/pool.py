"""Analysis of many files in worker processes."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from deeptone_tui.archive import worker
from deeptone_tui.archive.analysis import Progress, SourceAnalysis
from deeptone_tui.archive.recordings import AudioInput, InputFailure
from deeptone_tui.archive.worker import AT_ONCE
from deeptone_tui.audio import SourceKind, SourceOptions

_POLL_INTERVAL_S = 0.2
"""Seconds between two polls of the workers' progress."""
_HOPELESS = 3
"""Consecutive deaths per worker, with nothing heard in between, after which no more files are
tried."""


def cores() -> int:
    """Return the number of cores available to this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def groups(recordings: Sequence[AudioInput], jobs: int) -> list[list[AudioInput]]:
    """Divide files into groups for the workers, the longest files first.

    The files of a group are analysed concurrently; they have similar sizes, so that the group does
    not wait for one of them.
    """
    size = max(1, min(AT_ONCE, -(-len(recordings) // jobs)))
    ordered = sorted(recordings, key=_bytes, reverse=True)
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def hear_in_processes(
    recordings: Sequence[AudioInput],
    options: SourceOptions,
    *,
    models: bool,
    jobs: int,
    told: Callable[[Progress, Sequence[str]], None],
) -> list[SourceAnalysis | InputFailure]:
    """Analyse files in worker processes.

    If an exception leaves this function, such as that of a signal, the workers are killed.

    Args:
        recordings: files, or the demo.
        options: delivery options of the sources.
        models: True to ask the models, False to measure levels only.
        jobs: maximum number of workers.
        told: called periodically with the progress, and the names of newly finished sources.

    Returns:
        The analysis or failure of each recording, in their order.
    """
    waiting = deque(groups(recordings, jobs))
    workers = WorkerPool(min(jobs, len(waiting)), options, models=models)
    became: dict[AudioInput, SourceAnalysis | InputFailure] = {}
    with _killed_on_error(workers):
        while waiting or workers.busy:
            while waiting and workers.may_take:
                workers.give(waiting.popleft())
            if workers.busy:
                new = workers.collect(_POLL_INTERVAL_S)
            else:  # one worker after another has died
                new = {each: _failure(each) for share in waiting for each in share}
                waiting.clear()
            became |= new
            told(workers.progress, [recording.name for recording in new])
        workers.shutdown(wait=True)
    return [became[recording] for recording in recordings]


class WorkerPool:
    """Worker processes with one group of files each: the death of one costs only its group.

    A pool of several processes breaks as a whole when one of them is killed, so each worker is a
    pool of its own.

    Args:
        most: maximum number of workers at a time.
        options: delivery options of the sources.
        models: True to ask the models.
    """

    def __init__(self, most: int, options: SourceOptions, *, models: bool) -> None:
        self._most = most
        self._options = options
        self._models = models
        self._context = multiprocessing.get_context("spawn")
        self._idle: list[ProcessPoolExecutor] = []
        self._busy: dict[Future[list[SourceAnalysis | InputFailure]], _Work] = {}
        self._tallies: list[worker.SharedProgress] = []
        self._deaths = 0  # consecutive ones

    @property
    def busy(self) -> bool:
        """True if any worker has files."""
        return bool(self._busy)

    @property
    def may_take(self) -> bool:
        """True if a worker can take another group; False after too many consecutive deaths."""
        return len(self._busy) < self._most and self._deaths < _HOPELESS * self._most

    @property
    def progress(self) -> Progress:
        """Total progress of all workers, including those that have died."""
        return Progress(*map(sum, zip(*(tally.read() for tally in self._tallies), strict=True)))

    def give(self, share: Sequence[AudioInput]) -> None:
        """Give files to an idle worker, or to a new one."""
        while self._idle:
            with suppress(BrokenProcessPool):  # it was killed while idle
                return self._submit(self._idle.pop(), share)
        with _deaf_to_interrupts():
            return self._submit(self._new(), share)

    def _submit(self, pool: ProcessPoolExecutor, share: Sequence[AudioInput]) -> None:
        self._busy[pool.submit(worker.hear_group, share)] = _Work(pool, share)

    def collect(self, timeout: float) -> dict[AudioInput, SourceAnalysis | InputFailure]:
        """Wait at most `timeout` seconds for results; return those of newly finished files."""
        through, _ = wait(self._busy, timeout, return_when=FIRST_COMPLETED)
        new: dict[AudioInput, SourceAnalysis | InputFailure] = {}
        for future in through:
            pool, share = self._busy.pop(future)
            try:
                new |= zip(share, future.result(), strict=True)
                self._idle.append(pool)
                self._deaths = 0
            except BrokenProcessPool:
                pool.shutdown(wait=False)
                new |= {recording: _failure(recording) for recording in share}
                self._deaths += 1
        return new

    def shutdown(self, *, wait: bool) -> None:
        """Shut down all workers; without `wait`, cancel what is pending."""
        for pool in [*self._idle, *(work.pool for work in self._busy.values())]:
            pool.shutdown(wait=wait, cancel_futures=not wait)

    def _new(self) -> ProcessPoolExecutor:
        """Create a worker, which starts with its first group."""
        tally = worker.SharedProgress(self._context.RawArray("d", 3))
        self._tallies.append(tally)
        begun_with = (self._options, self._models, tally.shared)
        return ProcessPoolExecutor(1, self._context, worker.begin, begun_with)


class _Work(NamedTuple):
    """A worker and its current group."""

    pool: ProcessPoolExecutor
    share: Sequence[AudioInput]


def _failure(recording: AudioInput) -> InputFailure:
    died = "the process that listened has died; perhaps memory ran out: try fewer --jobs"
    return InputFailure(recording.name, f"{recording.name}: {died}")


@contextmanager
def _killed_on_error(workers: WorkerPool) -> Iterator[None]:
    """Kill the workers on an exception, without waiting for them."""
    others = set(multiprocessing.active_children())
    try:
        yield
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        workers.shutdown(wait=False)
        raise


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start child processes with SIGINT blocked: this process handles Ctrl+C and ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _bytes(recording: AudioInput) -> int:
    """Return the size of a file as an estimate of its analysis time; 0 if unknown."""
    if recording.spec.kind is not SourceKind.FILE:
        return 0
    try:
        return Path(recording.spec.value).expanduser().stat().st_size
    except (OSError, ValueError, RuntimeError):  # reported on opening
        return 0
