"""The seam to the models: what the server asks of them."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from deeptone_tui.protocol import Step, StreamParameters


class Analysing(Protocol):
    """The models of one connection."""

    async def feed(self, samples: npt.NDArray[np.int16]) -> Sequence[Step]:
        """Results of the periods that these samples complete, in order.

        It returns when they are judged; that the server reads nothing more until then is what
        slows a client down that sends faster than the models can follow.

        Args:
            samples: mono at 16 kHz, shape (n,).
        """
        ...

    async def finish(self) -> Sequence[Step]:
        """The result of the last incomplete period, if it holds a whole step."""
        ...

    def close(self) -> None:
        """Let go of it; called once, also when the connection was lost."""
        ...


class ModelServing(Protocol):
    """The models of the process."""

    @property
    def offered(self) -> tuple[str, ...]:
        """Names of the models that run here."""
        ...

    @property
    def waiting(self) -> tuple[int, int]:
        """Streams whose audio waits to be judged: in real time, and ahead of it."""
        ...

    async def start(self) -> None:
        """Load them."""
        ...

    async def close(self) -> None:
        """Unload them and end their threads."""
        ...

    def open_stream(
        self, parameters: StreamParameters, presses: Callable[[], bool] = ...
    ) -> Analysing:
        """Begin the analysis of a connection.

        Args:
            parameters: of the stream.
            presses: whether it wants more than real time, and goes after those that do not;
                asked from any thread.
        """
        ...
