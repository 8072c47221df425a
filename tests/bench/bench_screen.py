"""What the screen costs while it streams: processor time and bytes to the terminal."""

import sys
import tempfile
from pathlib import Path

from support.terminals.terminal import cpu_seconds, terminal

from bench.report import alternately, median_ratio, row

RATE = "15"
BARE_APP = [sys.executable, str(Path(__file__).with_name("bare_app.py")), RATE]
MONITOR = [sys.executable, "-m", "deeptone_tui", "demo", "--fps", RATE]
ROUNDS = 4
SECONDS = 8.0


def cost(command: list[str], ready: str) -> tuple[float, float]:
    """Processor seconds and bytes, each a second, in the steady state at 100 × 30."""
    with (
        tempfile.TemporaryDirectory() as home,
        terminal(command, columns=100, rows=30, env={"XDG_STATE_HOME": home}) as session,
    ):
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
    rates: dict[str, list[float]] = {"monitor": [], "bare": []}

    def processor(name: str, command: list[str], ready: str) -> float:
        cpu, written = cost(command, ready)
        rates[name].append(written)
        return cpu

    monitor, bare = alternately(
        lambda: processor("monitor", MONITOR, "STREAMING"),
        lambda: processor("bare", BARE_APP, "ready"),
        ROUNDS,
    )
    row("processor while streaming", f"{median_ratio(monitor, bare):.2f} ×", "a bare Textual app's")
    row("bytes to the terminal", f"{median_ratio(rates['monitor'], rates['bare']):.2f} ×", "idem")
    row("", f"{sum(rates['monitor']) / ROUNDS / 1000:.1f} kB/s", "100 × 30, 15 updates a second")


if __name__ == "__main__":
    main()
