"""Analysis of many sources: in one process, so that the models run in batches, or in several."""

import asyncio
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from deeptone_tui.archive.analysis import Advance, Progress, SourceAnalysis, listen
from deeptone_tui.archive.recordings import AudioInput, InputFailure
from deeptone_tui.audio import SourceError, SourceKind, SourceOptions
from deeptone_tui.core.process import end_with_parent
from deeptone_tui.endpoint.engine import Engine

AT_ONCE = 8
"""Concurrent sources per process: as many as the engine takes in a round."""

GONE = 1
"""Exit code of a worker process whose parent has gone."""

_POLL_INTERVAL_S = 0.2
"""Seconds between two polls of the workers' progress."""
_HOPELESS = 3
"""Consecutive deaths per worker, with nothing heard in between, after which no more files are
tried."""


async def listen_together(
    recordings: Sequence[AudioInput],
    options: SourceOptions,
    engine: Engine | None,
    *,
    limit: float | None,
    advance: Advance,
    finished: Callable[[str], None],
) -> list[SourceAnalysis | InputFailure]:
    """Analyse sources to their ends, `AT_ONCE` at a time; one that cannot be heard is a failure.

    Args:
        recordings: the sources.
        options: delivery options of the sources.
        engine: the models; None to measure levels only.
        limit: seconds after which a live source is closed; None for no limit.
        advance: progress callback.
        finished: called with the name of each finished source.

    Returns:
        The analysis or failure of each source, in their order.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def one(recording: AudioInput) -> SourceAnalysis | InputFailure:
        async with places:
            try:
                return await listen(recording, options, engine, limit=limit, advance=advance)
            except SourceError as error:
                return InputFailure(recording.name, str(error))
            finally:
                finished(recording.name)

    return await asyncio.gather(*(one(recording) for recording in recordings))


async def listen_here(
    recordings: Sequence[AudioInput],
    options: SourceOptions,
    *,
    models: bool,
    limit: float | None,
    advance: Advance,
    finished: Callable[[str], None],
) -> list[SourceAnalysis | InputFailure]:
    """Analyse sources as `listen_together` does, with a temporary engine of its own."""
    engine = Engine() if models else None
    if engine is not None:
        await engine.start()
    try:
        return await listen_together(
            recordings, options, engine, limit=limit, advance=advance, finished=finished
        )
    finally:
        if engine is not None:
            await engine.close()


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
        self._tallies: list[SharedProgress] = []
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
        self._busy[pool.submit(hear_group, share)] = _Work(pool, share)

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
        tally = SharedProgress(self._context.RawArray("d", 3))
        self._tallies.append(tally)
        begun_with = (self._options, self._models, tally.shared)
        return ProcessPoolExecutor(1, self._context, begin, begun_with)


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


@dataclass(frozen=True, slots=True)
class SharedProgress:
    """Progress of a worker process, in memory shared with its parent.

    Only one process writes it, so that it needs no lock: a killed process would never release it.
    """

    shared: Any
    """``multiprocessing.RawArray("d", 3)``: seconds heard, total seconds, finished sources."""

    def add(self, heard: float, length: float, done: int) -> None:
        """Add to the three numbers."""
        for place, number in enumerate((heard, length, done)):
            self.shared[place] += number

    def read(self) -> tuple[float, float, int]:
        """Return seconds heard, total seconds and finished sources."""
        return float(self.shared[0]), float(self.shared[1]), int(self.shared[2])


@dataclass(frozen=True, slots=True)
class _Process:
    """State that a worker process keeps between groups."""

    loop: asyncio.AbstractEventLoop
    engine: Engine | None
    options: SourceOptions
    tally: SharedProgress


_own: list[_Process] = []


def begin(options: SourceOptions, models: bool, shared: Any) -> None:  # noqa: ANN401  typeshed has no name for it
    """Load the models, and watch the parent; called once in each worker process."""
    parent = multiprocessing.parent_process()
    if parent is not None:  # one that is killed cannot say so, and the pipe stays open
        end_with_parent(parent.join, exit_code=GONE)
    loop = asyncio.new_event_loop()
    engine = Engine() if models else None
    if engine is not None:
        loop.run_until_complete(engine.start())
    _own.append(_Process(loop, engine, options, SharedProgress(shared)))


def hear_group(recordings: Sequence[AudioInput]) -> list[SourceAnalysis | InputFailure]:
    """Analyse some files concurrently; return the analysis or failure of each, in their order."""
    own = _own[0]
    return own.loop.run_until_complete(
        listen_together(
            recordings,
            own.options,
            own.engine,
            limit=None,
            advance=lambda heard, length: own.tally.add(heard, length, 0),
            finished=lambda _: own.tally.add(0.0, 0.0, 1),
        )
    )
