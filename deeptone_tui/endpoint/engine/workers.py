"""The threads that judge: they take rounds of jobs from the front of two lines.

A result is late by a few milliseconds when its wake-ups wait for a processor on which a round of
others runs. A stream in real time comes at even intervals, so the others can go in between: not
while its result is on the way, and not when it is about to come again.
"""

import math
import threading
import time
from collections import deque

from deeptone_tui.endpoint.engine.batch import EngineClosed, Job, judge
from deeptone_tui.endpoint.engine.networks import Networks

EXPECTED_FOR_S = 2.0
"""Seconds since one came, for which the next is expected."""
UNDER_WAY_S = 0.010
"""Seconds from when one comes until its result is out, and by which the next may be late."""
AHEAD_OF_NEXT_S = 0.030
"""Seconds before the next, from which on a round would not be over when it comes."""

STREAMS_IN_A_ROUND = 8
"""More would gain little and make everybody wait longer for the round to end."""
SHARE = 1 / 3
"""Of a thread's time for the streams that are ahead of real time while others are in it: what they
take of the processor and of the interpreter is missing to the event loop, even when no stream in
real time waits for a round."""


class ArrivalPredictor:
    """The intervals between the audio of streams in real time. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._came = -math.inf
        self._interval = 0.0

    def note(self, now: float) -> None:
        """Audio of a stream in real time has come."""
        self._interval, self._came = now - self._came, now

    def contended(self, now: float) -> bool:
        """Whether more is expected, for which the others leave room."""
        return now - self._came < EXPECTED_FOR_S

    def begins_in(self, now: float) -> float:
        """Seconds until the others disturb nobody; 0 where they do not, or always would."""
        since, room = now - self._came, self._interval - AHEAD_OF_NEXT_S
        if since >= self._interval + UNDER_WAY_S or room < 2 * UNDER_WAY_S:
            return 0.0
        if since < UNDER_WAY_S:
            return UNDER_WAY_S - since
        return 0.0 if since < room else self._interval + UNDER_WAY_S - since


class InferenceWorkers:
    """Worker threads; a stream has at most one job here, so the lines are as long as they are many.

    A round takes what is due: alone while there is little to do, the streams in company when
    they wait for one another anyway. Nobody waits for company.

    Streams in real time have a line of their own, which goes first, and a thread in reserve,
    which takes it while all others are in rounds of streams that are ahead: so whoever sends as
    fast as it can neither stands before them nor holds them up for the length of a round. Each
    slice decides anew, so a stream that has been kept waiting until real time has caught up with
    it is one of them again, and none is ever forgotten.
    """

    def __init__(self, networks: Networks, threads: int) -> None:
        self._networks = networks
        self._in_time: deque[Job] = deque()
        self._ahead: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._common = threads
        self._rounds_ahead = 0
        self._reserve_works = False
        self._lull = ArrivalPredictor()
        self._threads = [
            threading.Thread(target=self._work, name=f"inference-{n}", daemon=True)
            for n in range(threads)
        ]
        self._threads.append(
            threading.Thread(target=self._work_in_reserve, name="inference-reserve", daemon=True)
        )
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> tuple[int, int]:
        """Jobs in the lines: of streams in real time, and of those ahead of it."""
        return len(self._in_time), len(self._ahead)

    def submit(self, job: Job) -> None:
        """Put a job at the end of its line.

        Raises:
            EngineClosed: when the workers are going home.
        """
        with self._changed:
            if self._closing:
                raise EngineClosed("the engine has been closed")
            if job.in_time:
                self._in_time.append(job)
                if job.makes_others_wait:
                    self._lull.note(time.monotonic())
            else:
                self._ahead.append(job)
            self._changed.notify_all()  # the one that wakes must be one that may take it

    def close(self, timeout: float) -> bool:
        """End the threads after their current round; jobs that wait fail with `EngineClosed`.

        Returns:
            Whether all of them have ended within ``timeout`` seconds.
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
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        ahead, rested_at = False, 0.0
        while True:
            with self._changed:
                self._rounds_ahead -= ahead
                self._wait_until_due(rested_at)
                ahead = bool(self._ahead and not self._in_time)
                self._rounds_ahead += ahead
                began = time.monotonic()
                contended = ahead and self._lull.contended(began)
                jobs = self._share(self._ahead if ahead else self._in_time)
            if not jobs:
                return
            self._judge([job for job in jobs if not job.abandoned], contended=contended)
            if contended:
                ended = time.monotonic()
                rested_at = ended + (ended - began) * (1 / SHARE - 1)

    def _wait_until_due(self, rested_at: float) -> None:
        """Wait for something to do; a round of streams that are ahead begins no sooner than then.

        And not where it would hold up a stream in real time that is being served or comes next.
        Beside the reserve none of those is begun: two threads of the networks and the event loop
        share the interpreter, and two cores.
        """
        while not (self._in_time or self._closing):
            now = time.monotonic()
            rest = max(rested_at - now, self._lull.begins_in(now))
            if rest <= 0 and self._ahead and not self._reserve_works:
                return
            self._changed.wait(rest if rest > 0 and self._ahead else None)

    def _work_in_reserve(self) -> None:
        """Wait until streams in real time would have to wait for others, and judge them."""
        while True:
            with self._changed:
                self._reserve_works = False
                self._changed.notify_all()
                self._changed.wait_for(
                    lambda: (self._in_time and self._rounds_ahead == self._common) or self._closing
                )
                jobs = self._share(self._in_time)
                self._reserve_works = True
            if not jobs:
                return
            self._judge([job for job in jobs if not job.abandoned])

    def _share(self, line: deque[Job]) -> list[Job]:
        """A fair share of a line; none when closing."""
        share = min(STREAMS_IN_A_ROUND, -(-len(line) // self._common))
        return [line.popleft() for _ in range(share)]

    def _judge(self, jobs: list[Job], *, contended: bool = False) -> None:
        """Take one slice of each job; those that are not through go to the end of the line.

        Contended rounds are half as long: a stream in real time may come any moment.
        """
        share = len(jobs) * (2 if contended else 1)
        try:
            slices = [job.next_slice(share) for job in jobs]
            for job, own, step in zip(jobs, slices, judge(slices, self._networks), strict=True):
                job.note(own, step)
        except Exception as error:  # noqa: BLE001  whoever waits for a job gets its error
            for job in jobs:
                job.settle(error)
            return
        for job in jobs:
            self._go_on(job)

    def _go_on(self, job: Job) -> None:
        if job.done:
            job.settle()
            return
        try:
            self.submit(job)
        except EngineClosed as error:
            job.settle(error)
