"""The models of the process."""

import asyncio
from collections.abc import Callable

from deeptone_tui.endpoint.engine.analysis import Analysis
from deeptone_tui.endpoint.engine.job import EngineClosed, Job
from deeptone_tui.endpoint.engine.networks import load_networks
from deeptone_tui.endpoint.engine.offered import OFFERED, check_offered
from deeptone_tui.endpoint.engine.workers import Workers
from deeptone_tui.protocol import StreamParameters

CLOSING_TIME = 2.0
"""Seconds that the threads are waited for; a round takes some hundredths of one."""


class Engine:
    """Networks and worker threads, one a process; never computes on the event loop.

    Args:
        threads: worker threads, one core each while there is work, besides one that is kept
            for streams in real time.
    """

    offered: tuple[str, ...] = OFFERED
    """The models that run here."""

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._workers: Workers | None = None

    async def start(self) -> None:
        """Load the networks and start the threads."""
        networks = await asyncio.to_thread(load_networks)
        self._workers = Workers(networks, self._threads)

    @property
    def waiting(self) -> tuple[int, int]:
        """Streams whose audio waits to be judged: in real time, and ahead of it."""
        return self._workers.waiting if self._workers is not None else (0, 0)

    async def close(self) -> None:
        """End the threads, bounded; feeds under way fail with `EngineClosed`."""
        workers, self._workers = self._workers, None
        if workers is not None:
            await asyncio.to_thread(workers.close, CLOSING_TIME)

    def open_stream(
        self, parameters: StreamParameters, presses: Callable[[], bool] = lambda: False
    ) -> Analysis:
        """Begin the analysis of a connection.

        Args:
            parameters: of the stream.
            presses: whether it wants more than real time, and goes after those that do not;
                asked from any thread.

        Raises:
            ModelNotOffered: for a model that does not run here.
        """
        check_offered(parameters.models)
        return Analysis(parameters, self._submit, presses)

    def _submit(self, job: Job) -> None:
        if self._workers is None:
            raise EngineClosed("the engine is not running")
        self._workers.submit(job)
