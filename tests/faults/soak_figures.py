"""What a process holds, over a long time (Linux)."""

import os
from dataclasses import dataclass, field
from pathlib import Path

MEGABYTE = 1_000_000
ALLOWED = 1.05
"""Times the memory of the first tenth that the rest may take."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a process holds at a moment."""

    memory: int
    """Resident bytes."""
    threads: int
    descriptors: int

    def __str__(self) -> str:
        return (
            f"{self.memory / MEGABYTE:6.1f} MB, {self.threads} threads, "
            f"{self.descriptors} descriptors"
        )


def figures_of(pid: int) -> Figures:
    """What a process holds now."""
    folder = Path(f"/proc/{pid}")
    pages = int((folder / "statm").read_text().split()[1])
    threads = len(list((folder / "task").iterdir()))
    descriptors = len(list((folder / "fd").iterdir()))
    return Figures(pages * os.sysconf("SC_PAGE_SIZE"), threads, descriptors)


@dataclass(slots=True)
class Observed:
    """A process, looked at again and again.

    Threads and descriptors come and go with every connection, so the fewest of a stretch are
    compared: a leak raises those too. Of memory it is the most.
    """

    name: str
    pid: int
    first: list[Figures] = field(default_factory=list)
    """Of the first tenth."""
    latest: list[Figures] = field(default_factory=list)
    """Of the last tenth so far."""
    most: int = 0
    """Bytes after the first tenth."""

    def look(self, done: float) -> None:
        """Look at it when so much of the whole is done, from 0 to 1."""
        now = figures_of(self.pid)
        if done <= 0.1:
            self.first.append(now)
            return
        self.most = max(self.most, now.memory)
        self.latest.append(now)
        del self.latest[: -len(self.first)]

    @property
    def before(self) -> Figures:
        """The first tenth."""
        return _summed_up(self.first)

    @property
    def after(self) -> Figures:
        """The last tenth."""
        return _summed_up(self.latest)

    def leaks(self) -> list[str]:
        """What has grown, in words."""
        before, after = self.before, self.after
        found = []
        if self.most > ALLOWED * before.memory:
            found.append(f"{self.name}: memory grew to {self.most / MEGABYTE:.1f} MB")
        if after.threads > before.threads:
            found.append(f"{self.name}: {after.threads - before.threads} more threads")
        if after.descriptors > before.descriptors:
            found.append(f"{self.name}: {after.descriptors - before.descriptors} more descriptors")
        return found


def _summed_up(seen: list[Figures]) -> Figures:
    """The most memory, and the fewest of what comes and goes."""
    return Figures(
        max(figures.memory for figures in seen),
        min(figures.threads for figures in seen),
        min(figures.descriptors for figures in seen),
    )


def say(words: str) -> None:
    """Print a line of the report."""
    print(words, flush=True)  # noqa: T201  a program that reports
