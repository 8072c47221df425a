"""The inside of a process that listens: one engine for its life, groups of files one by one."""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deeptone_tui.archive.batch import listen_together
from deeptone_tui.archive.listening import Hearing
from deeptone_tui.archive.recordings import Failure, Recording
from deeptone_tui.audio import SourceOptions
from deeptone_tui.endpoint.engine import Engine

GONE = 1
"""Exit code of a process whose parent has gone."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a process is, in memory that it shares with its parent.

    One process writes it, so that it needs no lock: one that is killed would keep that.
    """

    shared: Any
    """``multiprocessing.RawArray("d", 3)``: seconds heard, seconds there are, sources done."""

    def add(self, heard: float, length: float, done: int) -> None:
        """Add to the numbers."""
        for place, number in enumerate((heard, length, done)):
            self.shared[place] += number

    def read(self) -> tuple[float, float, int]:
        """The three."""
        return float(self.shared[0]), float(self.shared[1]), int(self.shared[2])


@dataclass(frozen=True, slots=True)
class _Process:
    """What a process keeps from one group to the next."""

    loop: asyncio.AbstractEventLoop
    engine: Engine | None
    options: SourceOptions
    tally: Tally


_own: list[_Process] = []


def begin(options: SourceOptions, models: bool, shared: Any) -> None:  # noqa: ANN401  typeshed has no name for it
    """Load the models; called once in each process."""
    threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()
    loop = asyncio.new_event_loop()
    engine = Engine() if models else None
    if engine is not None:
        loop.run_until_complete(engine.start())
    _own.append(_Process(loop, engine, options, Tally(shared)))


def hear_group(recordings: Sequence[Recording]) -> list[Hearing | Failure]:
    """Hear some files side by side; what became of each, in their order."""
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


def _end_with_parent() -> None:
    """A parent that was killed cannot say so, and the pool's pipe stays open in its children."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(GONE)
