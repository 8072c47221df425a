"""How long it takes to be gone: the program and every process it started."""

import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fuzz.siege_endpoint import MANNERS, besieged_endpoint
from support.programs.pipes import full_pipe
from support.programs.program import started
from support.terminals.terminal import Terminal, children_of, is_running, stop_process

from bench.report import BARE_APP, MONITOR, alternately, at_home, median_ratio, row

ROUNDS = 5


def freeze_endpoint(session: Terminal) -> None:
    """Stop the local endpoint, as if it hung."""
    for child in children_of(session.pid):
        stop_process(child)


def seconds_to_be_gone(
    command: Sequence[str],
    ready: str,
    key: str,
    before: Callable[[Terminal], None] = lambda _: None,
) -> float:
    """Time from a key press until neither the program nor a child of it runs."""
    with at_home(command) as session:
        session.wait_for(ready)
        session.pump(2.0)
        processes = [session.pid, *children_of(session.pid)]
        before(session)
        return seconds_until_gone(session, lambda _: session.send(key), processes)


def seconds_until_gone(
    session: Terminal, end: Callable[[Terminal], None], processes: Sequence[int]
) -> float:
    """Time from being asked until none of the processes runs, while the terminal reads."""
    reader = threading.Thread(target=session.pump, args=(3.0,))
    began = time.perf_counter()
    end(session)
    reader.start()
    while any(map(is_running, processes)):
        time.sleep(0.002)
    taken = time.perf_counter() - began
    reader.join()
    return taken


def seconds_under_siege(manner: str, end: Callable[[Terminal], None]) -> float:
    """Time from being asked until the monitor is gone, its endpoint of the worst manners."""
    with (
        tempfile.TemporaryDirectory() as home,
        besieged_endpoint(1, manner) as endpoint,
        at_home(MONITOR, "--url", endpoint.url, "--record", home) as session,
    ):
        session.wait_for("Last minute")
        session.pump(4.0)
        return seconds_until_gone(session, end, [session.pid])


def seconds_unread(arguments: Sequence[str], number: signal.Signals) -> float:
    """Time from a signal until a program without a screen is gone, its output unread."""
    with tempfile.TemporaryDirectory() as home, full_pipe() as (_, writing):
        program = started(Path(home), *arguments, stdout=writing, stderr=writing)
        time.sleep(5.0)  # it is at work then, and says nothing that could be waited for
        began = time.perf_counter()
        program.send_signal(number)
        program.wait(30)
        return time.perf_counter() - began


ENDS: Mapping[str, Callable[[Terminal], None]] = {
    "q": lambda session: session.send("q"),
    "SIGTERM": lambda session: session.process.kill(signal.SIGTERM),
    "ctrl+c": lambda session: session.send("\x03"),
}
UNREAD = {
    "stream": ["stream", "demo", "--fast", "--output-period", "64"],
    "serve": ["serve", "--port", "0"],
}


def worst_states() -> None:
    """Measure the ends in the states that somebody who means no good can bring about."""
    for manner in MANNERS:
        taken = [seconds_under_siege(manner, end) for end in ENDS.values()]
        figures = ", ".join(
            f"{name} {seconds * 1000:.0f}" for name, seconds in zip(ENDS, taken, strict=True)
        )
        row(f"endpoint of manner {manner}", f"{max(taken) * 1000:.0f} ms", figures)
    for name, arguments in UNREAD.items():
        taken = [seconds_unread(arguments, each) for each in (signal.SIGTERM, signal.SIGINT)]
        figures = f"SIGTERM {taken[0] * 1000:.0f}, SIGINT {taken[1] * 1000:.0f}"
        row(f"{name}, its output unread", f"{max(taken) * 1000:.0f} ms", figures)


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
    worst_states()


if __name__ == "__main__":
    main()
