"""A program that monitors a microphone and tells its phases: ``monitor_program.py DEVICE URL``.

A process of its own, because PortAudio reads the environment once. It tells each change of phase
as a line of JSON, and ends when its standard input does; then it tells how the stop went.
"""

import json
import sys
import threading
import time

from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.monitor import Monitor
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session import RemoteTarget


def main() -> None:
    """Monitor until there is nothing more to read."""
    device, url = sys.argv[1:]
    told: list[tuple[str, str]] = []

    def tell() -> None:
        state = monitor.state
        phases = (state.source.phase.value, state.session.phase.value)
        if [phases] != told[-1:]:
            told.append(phases)
            print(json.dumps({"source": phases[0], "session": phases[1]}), flush=True)  # noqa: T201  its answers

    spec = SourceSpec(SourceKind.MICROPHONE, device)
    parameters = StreamParameters(output_period=128)
    monitor = Monitor(spec, SourceOptions(), RemoteTarget(url), parameters, on_update=tell)
    monitor.start()
    sys.stdin.read()
    begun = time.monotonic()
    stopped = monitor.stop()
    counters = monitor.state.counters
    summary = {
        "stopped": stopped,
        "seconds": time.monotonic() - begun,
        "captured": counters.captured,
        "lost": counters.lost,
        "notices": [notice.words for notice in monitor.state.notices],
        "threads": threading.active_count(),
    }
    print(json.dumps(summary), flush=True)  # noqa: T201  its answers


if __name__ == "__main__":
    main()
