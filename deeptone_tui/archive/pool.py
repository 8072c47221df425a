"""Many files in many processes."""

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
"""Seconds between two looks at how far the processes are."""
_HOPELESS = 3
"""Deaths for each place, with nothing heard in between, after which no more files are tried."""


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def groups(recordings: Sequence[AudioInput], jobs: int) -> list[list[AudioInput]]:
    """Divide files among processes: groups that are heard side by side, the longest files first.

    Files of like size are together, so that a group is not kept waiting by one of them.
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
    """Hear files in processes of their own.

    When this is left by an exception, such as that of a signal, the processes are killed.

    Args:
        recordings: files, or the demo.
        options: how they deliver.
        models: whether the models are asked, or levels measured only.
        jobs: processes, at most.
        told: called now and then with how far it is, and the names that are newly through.

    Returns:
        What became of each, in their order.
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
            else:  # none of them lives
                new = {each: _failure(each) for share in waiting for each in share}
                waiting.clear()
            became |= new
            told(workers.progress, [recording.name for recording in new])
        workers.shutdown(wait=True)
    return [became[recording] for recording in recordings]


class WorkerPool:
    """Processes with a group of files each: one that dies takes no more than that with it.

    A pool of many breaks as a whole when one of them is killed, so each is a pool of its own.

    Args:
        most: processes at a time.
        options: how the files deliver.
        models: whether the models are asked.
    """

    def __init__(self, most: int, options: SourceOptions, *, models: bool) -> None:
        self._most = most
        self._options = options
        self._models = models
        self._context = multiprocessing.get_context("spawn")
        self._idle: list[ProcessPoolExecutor] = []
        self._busy: dict[Future[list[SourceAnalysis | InputFailure]], _Work] = {}
        self._tallies: list[worker.SharedProgress] = []
        self._deaths = 0  # in a row

    @property
    def busy(self) -> bool:
        """Whether any of them has files in its hands."""
        return bool(self._busy)

    @property
    def may_take(self) -> bool:
        """Whether there is one for another group. Not after one death after another."""
        return len(self._busy) < self._most and self._deaths < _HOPELESS * self._most

    @property
    def progress(self) -> Progress:
        """How far all of them are, those that have died included."""
        return Progress(*map(sum, zip(*(tally.read() for tally in self._tallies), strict=True)))

    def give(self, share: Sequence[AudioInput]) -> None:
        """Put files into the hands of one that has none, or of a new one."""
        while self._idle:
            with suppress(BrokenProcessPool):  # it was killed while it had nothing to do
                return self._submit(self._idle.pop(), share)
        with _deaf_to_interrupts():
            return self._submit(self._new(), share)

    def _submit(self, pool: ProcessPoolExecutor, share: Sequence[AudioInput]) -> None:
        self._busy[pool.submit(worker.hear_group, share)] = _Work(pool, share)

    def collect(self, timeout: float) -> dict[AudioInput, SourceAnalysis | InputFailure]:
        """Wait for results some seconds at most; what became of the files that are through."""
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
        """Let go of all of them."""
        for pool in [*self._idle, *(work.pool for work in self._busy.values())]:
            pool.shutdown(wait=wait, cancel_futures=not wait)

    def _new(self) -> ProcessPoolExecutor:
        """Make one that starts with its first group."""
        tally = worker.SharedProgress(self._context.RawArray("d", 3))
        self._tallies.append(tally)
        begun_with = (self._options, self._models, tally.shared)
        return ProcessPoolExecutor(1, self._context, worker.begin, begun_with)


class _Work(NamedTuple):
    """What a process is doing."""

    pool: ProcessPoolExecutor
    share: Sequence[AudioInput]


def _failure(recording: AudioInput) -> InputFailure:
    died = "the process that listened has died; perhaps memory ran out: try fewer --jobs"
    return InputFailure(recording.name, f"{recording.name}: {died}")


@contextmanager
def _killed_on_error(workers: WorkerPool) -> Iterator[None]:
    """Leave no process behind, and wait for none."""
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
    """Let processes started meanwhile never get the terminal's Ctrl+C: this one ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _bytes(recording: AudioInput) -> int:
    """Size of a file, as a measure of how long it takes."""
    if recording.spec.kind is not SourceKind.FILE:
        return 0
    try:
        return Path(recording.spec.value).expanduser().stat().st_size
    except (OSError, ValueError, RuntimeError):  # said at opening
        return 0
