"""What the screen costs while it streams: processor time and bytes to the terminal."""

import statistics
from collections.abc import Sequence

from support.terminals.terminal import cpu_seconds

from bench.report import BARE_APP, MONITOR, alternately, at_home, median_ratio, row

RATE = "15"
ROUNDS = 4
SECONDS = 8.0


def cost(command: Sequence[str], ready: str) -> tuple[float, float]:
    """Processor seconds and bytes, each a second, in the steady state at 100 × 30."""
    with at_home(command) as session:
        session.wait_for(ready)
        session.pump(3.0)
        cpu, written = cpu_seconds(session.pid), len(session.output)
        session.pump(SECONDS)
        return (
            (cpu_seconds(session.pid) - cpu) / SECONDS,
            (len(session.output) - written) / SECONDS,
        )


def main() -> None:
    """Measure and print."""
    monitor, bare = alternately(
        lambda: cost([*MONITOR, "--fps", RATE], "STREAMING"),
        lambda: cost([*BARE_APP, RATE], "ready"),
        ROUNDS,
    )
    (ours, written), (theirs, by_bare) = zip(*monitor, strict=True), zip(*bare, strict=True)
    row("processor while streaming", f"{median_ratio(ours, theirs):.2f} ×", "a bare Textual app's")
    row("bytes to the terminal", f"{median_ratio(written, by_bare):.2f} ×", "idem")
    row("", f"{statistics.mean(written) / 1000:.1f} kB/s", "100 × 30, 15 updates a second")


if __name__ == "__main__":
    main()
