"""The capture program as a child process, with the environment of the virtual microphones."""

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from support.sources.virtual_mics import VirtualMics

_ANSWER_TIMEOUT = 20.0


class Recorder:
    """The capture program as a child process; see ``support/sources/capture.py``."""

    def __init__(self, mics: VirtualMics, folder: Path) -> None:
        self.raw = folder / "captured.raw"
        self.log = folder / "native.log"
        self._errors = (folder / "stderr.txt").open("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.sources.capture", str(self.raw), str(self.log)],
            env=mics.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            bufsize=1,
        )
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, command: str) -> None:
        """Give a command."""
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")

    def expect(self, event: str) -> dict[str, Any]:
        """Wait for the next answer, which has to be this one."""
        answer = self._answers.get(timeout=_ANSWER_TIMEOUT)
        assert answer["event"] == event, answer
        return answer

    def ask(self, command: str, event: str) -> dict[str, Any]:
        """Give a command and wait for its answer."""
        self.send(command)
        return self.expect(event)

    def open(self, name: str) -> dict[str, Any]:
        """Open a device and wait until it is heard."""
        opened = self.ask(f"open {name}", "opened")
        self.expect("heard")
        return opened

    @property
    def quiet(self) -> bool:
        """Whether nothing is left to be read."""
        return self._answers.empty()

    def end(self) -> str:
        """End the program; returns what it, or a C library in it, wrote to stderr."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join(5)
            self._process.stdout.close()
        self._errors.seek(0)
        written = self._errors.read()
        self._errors.close()
        return written

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(json.loads(line))
