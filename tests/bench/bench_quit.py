"""How long it takes to be gone: the program and every process it started."""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from support.terminal import Terminal, children_of, is_running, stop_process, terminal

from bench.report import alternately, median_ratio, row

BARE_APP = [sys.executable, str(Path(__file__).with_name("bare_app.py"))]
MONITOR = [sys.executable, "-m", "deeptone_tui", "demo"]
ROUNDS = 5


def freeze_endpoint(session: Terminal) -> None:
    """Stop the local endpoint, as if it hung."""
    for child in children_of(session.pid):
        stop_process(child)


def seconds_to_be_gone(
    command: list[str], ready: str, key: str, before: Callable[[Terminal], None] = lambda _: None
) -> float:
    """Time from a key press until neither the program nor a child of it runs."""
    with (
        tempfile.TemporaryDirectory() as home,
        terminal(command, env={"XDG_STATE_HOME": home}) as session,
    ):
        session.wait_for(ready)
        session.pump(2.0)
        processes = [session.pid, *children_of(session.pid)]
        before(session)
        reader = threading.Thread(target=session.pump, args=(3.0,))
        began = time.perf_counter()
        session.send(key)
        reader.start()
        while any(map(is_running, processes)):
            time.sleep(0.002)
        taken = time.perf_counter() - began
        reader.join()
        return taken


def main() -> None:
    """Measure and print."""
    for name, before in (("quitting", lambda _: None), ("with a hung endpoint", freeze_endpoint)):
        monitor, bare = alternately(
            lambda before=before: seconds_to_be_gone(MONITOR, "STREAMING", "q", before),  # type: ignore[misc]
            lambda: seconds_to_be_gone(BARE_APP, "ready", "\x11"),
            ROUNDS,
        )
        figure = f"{median_ratio(monitor, bare):.2f} ×"
        row(name, figure, f"a bare Textual app's; {statistics.median(monitor) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
