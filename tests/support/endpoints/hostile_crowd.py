"""Two hundred enemies beside a server, from the first to the last line of a ``with``."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[2]
PATIENCE = 30


@contextlib.contextmanager
def hostile_crowd(port: int, count: int) -> Iterator[dict[str, int]]:
    """Hostile clients against a port; afterwards the mapping says what became of them."""
    done: dict[str, int] = {}
    with subprocess.Popen(
        [sys.executable, "-m", "support.endpoints.hostile_clients", str(port), str(count)],
        cwd=TESTS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield done
            written, _ = process.communicate("stop\n", timeout=PATIENCE)
            done.update(json.loads(written))
        finally:
            process.kill()
