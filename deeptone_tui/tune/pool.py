"""Many files in many processes."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from deeptone_tui.audio import SourceKind, SourceOptions
from deeptone_tui.tune import worker
from deeptone_tui.tune.listening import Hearing, Progress
from deeptone_tui.tune.recordings import Failure, Recording
from deeptone_tui.tune.together import AT_ONCE

_LOOK_AGAIN = 0.2
"""Seconds between two looks at how far the processes are."""


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def groups(recordings: Sequence[Recording], jobs: int) -> list[list[Recording]]:
    """Divide files among processes: groups that are heard side by side, the longest files first.

    Files of like size are together, so that a group is not kept waiting by one of them.
    """
    size = max(1, min(AT_ONCE, -(-len(recordings) // jobs)))
    ordered = sorted(recordings, key=_bytes, reverse=True)
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def hear_in_processes(
    recordings: Sequence[Recording],
    options: SourceOptions,
    *,
    models: bool,
    jobs: int,
    told: Callable[[Progress, Sequence[str]], None],
) -> list[Hearing | Failure]:
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
    shares = groups(recordings, jobs)
    context = multiprocessing.get_context("spawn")
    tally = worker.Tally(context.Array("d", 3))
    pool = ProcessPoolExecutor(
        min(jobs, len(shares)), context, worker.begin, (options, models, tally.shared)
    )
    became: dict[Recording, Hearing | Failure] = {}
    with _killed_on_error(pool):
        with _deaf_to_interrupts():
            running = {pool.submit(worker.hear_group, share): share for share in shares}
        while running:
            through, _ = wait(running, _LOOK_AGAIN, return_when=FIRST_COMPLETED)
            new: dict[Recording, Hearing | Failure] = {}
            for future in through:
                share = running.pop(future)
                new |= zip(share, _result(future, share), strict=True)
            became |= new
            told(Progress(*tally.read()), [recording.name for recording in new])
        pool.shutdown()
    return [became[recording] for recording in recordings]


def _result(
    future: "Future[list[Hearing | Failure]]", share: Sequence[Recording]
) -> list[Hearing | Failure]:
    try:
        return future.result()
    except BrokenProcessPool:
        died = "the process that listened has died; perhaps memory ran out: try fewer --jobs"
        return [Failure(recording.name, f"{recording.name}: {died}") for recording in share]


@contextmanager
def _killed_on_error(pool: ProcessPoolExecutor) -> Iterator[None]:
    """Leave no process behind, and wait for none."""
    others = set(multiprocessing.active_children())
    try:
        yield
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)
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


def _bytes(recording: Recording) -> int:
    """Size of a file, as a measure of how long it takes."""
    if recording.spec.kind is not SourceKind.FILE:
        return 0
    try:
        return Path(recording.spec.value).expanduser().stat().st_size
    except (OSError, ValueError, RuntimeError):  # said at opening
        return 0
