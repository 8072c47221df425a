"""The threads that judge: they share one line of jobs and take rounds from its front."""

import threading
import time
from collections import deque

from deeptone_tui.endpoint.engine.job import EngineClosed, Job
from deeptone_tui.endpoint.engine.networks import Networks
from deeptone_tui.endpoint.engine.round import judge

STREAMS_IN_A_ROUND = 8
"""More would gain little and make everybody wait longer for the round to end."""


class Workers:
    """Worker threads; a stream has at most one job here, so the line is as long as they are many.

    A round takes what is due: alone while there is little to do, the streams in company when
    they wait for one another anyway. Nobody waits for company.
    """

    def __init__(self, networks: Networks, threads: int) -> None:
        self._networks = networks
        self._line: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._work, name=f"inference-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Put a job at the end of the line.

        Raises:
            EngineClosed: when the workers are going home.
        """
        with self._changed:
            if self._closing:
                raise EngineClosed("the engine has been closed")
            self._line.append(job)
            self._changed.notify()

    def close(self, timeout: float) -> bool:
        """End the threads after their current round; jobs that wait fail with `EngineClosed`.

        Returns:
            Whether all of them have ended within ``timeout`` seconds.
        """
        with self._changed:
            self._closing = True
            waiting = list(self._line)
            self._line.clear()
            self._changed.notify_all()
        for job in waiting:
            job.settle(EngineClosed("the engine has been closed"))
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while jobs := self._next_round():
            self._judge([job for job in jobs if not job.abandoned])

    def _next_round(self) -> list[Job]:
        """Wait for jobs and take a fair share of them; none when closing."""
        with self._changed:
            self._changed.wait_for(lambda: self._line or self._closing)
            share = min(STREAMS_IN_A_ROUND, -(-len(self._line) // len(self._threads)))
            return [self._line.popleft() for _ in range(share)]

    def _judge(self, jobs: list[Job]) -> None:
        """Take one slice of each job; those that are not through go to the end of the line."""
        try:
            slices = [job.next_slice(len(jobs)) for job in jobs]
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
