"""Worker threads for inference: they take batches of jobs from two queues of different priority.

A result is late by a few milliseconds if its wake-ups wait for a processor that runs a batch of
other streams. The audio of a real-time stream arrives at even intervals, so batches of streams
ahead of real time run in between: neither while its result is pending nor when its next audio is
about to arrive.
"""

import math
import threading
import time
from collections import deque

from deeptone_tui.endpoint.engine.batch import EngineClosed, Job, judge
from deeptone_tui.endpoint.engine.networks import Networks

EXPECTED_FOR_S = 2.0
"""Seconds after an arrival during which the next one is expected."""
UNDER_WAY_S = 0.010
"""Seconds from an arrival to its result, and by which the next arrival may be late."""
AHEAD_OF_NEXT_S = 0.030
"""Seconds before the next arrival from which a batch would not end in time."""

STREAMS_PER_BATCH = 8
"""Maximum streams per batch: more would gain little and make all wait longer for the batch."""
AHEAD_SHARE = 1 / 3
"""Share of a thread's time for streams ahead of real time while real-time streams are active: their
use of the processor and of the interpreter slows the event loop, even if no real-time stream waits
for a batch."""


class ArrivalPredictor:
    """Predictor of the next audio of real-time streams, from the interval between the last two.

    Times are seconds of one clock; arrivals of all such streams count together.
    """

    def __init__(self) -> None:
        self._last_arrival_s = -math.inf
        self._interval_s = 0.0

    def note(self, now: float) -> None:
        """Record an arrival of audio of a real-time stream."""
        self._interval_s, self._last_arrival_s = now - self._last_arrival_s, now

    def contended(self, now: float) -> bool:
        """Return True if another arrival is expected, for which other streams leave room."""
        return now - self._last_arrival_s < EXPECTED_FOR_S

    def wait_s(self, now: float) -> float:
        """Return the seconds until a batch disturbs no real-time stream.

        0 if it disturbs none now, or if the interval is too short to avoid it.
        """
        since, room = now - self._last_arrival_s, self._interval_s - AHEAD_OF_NEXT_S
        if since >= self._interval_s + UNDER_WAY_S or room < 2 * UNDER_WAY_S:
            return 0.0
        if since < UNDER_WAY_S:
            return UNDER_WAY_S - since
        return 0.0 if since < room else self._interval_s + UNDER_WAY_S - since


class InferenceWorkers:
    """Two worker threads with two queues; a stream has at most one job here, which bounds them.

    A batch takes the jobs that wait: one while load is low, several when streams wait anyway. No
    job waits for a batch to fill.

    Real-time streams have their own queue, which takes precedence, and a reserve thread, which
    serves it while the other thread runs a batch of streams ahead of real time: so a stream that
    sends as fast as it can neither precedes them nor delays them for the length of a batch. The
    queue is chosen again for each slice, so a stream that has waited until real time has caught
    up with it counts as real time again, and no stream starves.
    """

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._in_time: deque[Job] = deque()
        self._ahead: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._runs_ahead = False  # the common thread runs a batch of streams ahead of real time
        self._reserve_works = False
        self._arrivals = ArrivalPredictor()
        self._threads = [
            threading.Thread(target=self._work, name="inference", daemon=True),
            threading.Thread(target=self._work_in_reserve, name="inference-reserve", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> tuple[int, int]:
        """Lengths of the queues: streams in real time, and streams ahead of it."""
        return len(self._in_time), len(self._ahead)

    def submit(self, job: Job) -> None:
        """Append a job to its queue.

        Raises:
            EngineClosed: if the workers are closing.
        """
        with self._changed:
            self._enqueue(job)
            if job.in_time and job.steady:
                self._arrivals.note(time.monotonic())

    def _enqueue(self, job: Job) -> None:
        """Append a job to its queue, with the condition held; the rest of one is no arrival."""
        if self._closing:
            raise EngineClosed("the engine has been closed")
        (self._in_time if job.in_time else self._ahead).append(job)
        self._changed.notify_all()  # notify() might wake a thread that may not take the job

    def close(self, timeout: float) -> None:
        """End the threads after their current batch; waiting jobs fail with `EngineClosed`.

        Args:
            timeout: maximum number of seconds to wait for the threads.
        """
        with self._changed:
            self._closing = True
            waiting = [*self._in_time, *self._ahead]
            self._in_time.clear()
            self._ahead.clear()
            self._changed.notify_all()
        for job in waiting:
            job.settle(EngineClosed("the engine has been closed"))
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        not_before_s = 0.0
        while True:
            with self._changed:
                self._runs_ahead = False
                self._wait_until_due(not_before_s)
                self._runs_ahead = ahead = bool(self._ahead and not self._in_time)
                began = time.monotonic()
                contended = ahead and self._arrivals.contended(began)
                jobs = self._take_from(self._ahead if ahead else self._in_time)
            if not jobs:
                return
            self._judge(jobs, contended=contended)
            if contended:
                ended = time.monotonic()
                not_before_s = ended + (ended - began) * (1 / AHEAD_SHARE - 1)

    def _wait_until_due(self, not_before_s: float) -> None:
        """Wait for jobs; start no batch of streams ahead of real time before ``not_before_s``.

        Nor when it would delay a real-time stream that is being served or about to arrive, nor
        while the reserve thread works: two inference threads and the event loop would share the
        interpreter and two cores.
        """
        while not (self._in_time or self._closing):
            now = time.monotonic()
            rest = max(not_before_s - now, self._arrivals.wait_s(now))
            if rest <= 0 and self._ahead and not self._reserve_works:
                return
            self._changed.wait(rest if rest > 0 and self._ahead else None)

    def _work_in_reserve(self) -> None:
        """Judge real-time streams while the common thread runs a batch of streams ahead."""
        while True:
            with self._changed:
                self._reserve_works = False
                self._changed.notify_all()
                self._changed.wait_for(
                    lambda: (self._in_time and self._runs_ahead) or self._closing
                )
                jobs = self._take_from(self._in_time)
                self._reserve_works = True
            if not jobs:
                return
            self._judge(jobs)

    def _take_from(self, queue: deque[Job]) -> list[Job]:
        """Remove the jobs of a batch from a queue; none when closing."""
        return [queue.popleft() for _ in range(min(STREAMS_PER_BATCH, len(queue)))]

    def _judge(self, jobs: list[Job], *, contended: bool = False) -> None:
        """Judge one slice of each job and append unfinished jobs to their queue again.

        Contended batches are half as long: a real-time stream may arrive at any moment.
        """
        jobs = [job for job in jobs if not job.abandoned]
        share = len(jobs) * (2 if contended else 1)
        try:
            slices = [job.next_slice(share) for job in jobs]
            for job, own, step in zip(jobs, slices, judge(slices, self._networks), strict=True):
                job.note(own, step)
        except Exception as error:  # noqa: BLE001  the caller of each job gets the error
            for job in jobs:
                job.settle(error)
            return
        for job in jobs:
            try:
                if job.done:
                    job.settle()
                else:
                    with self._changed:
                        self._enqueue(job)
            except EngineClosed as error:
                job.settle(error)
