"""A real ``sshd`` on loopback, and an ``ssh`` that reaches it as ``capture-box``.

It runs as whoever runs the tests, takes one key made for it, and listens on 127.0.0.1 only. Both
ends are this machine, so a port that is forwarded needs another number at each end.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from support.time.waiting import wait_until

PROGRAMS = ("sshd", "ssh", "ssh-keygen")
"""What a test has to be marked with: ``@pytest.mark.system(*PROGRAMS)``."""
_SEPARATION = Path("/run/sshd")
"""Where a privileged sshd locks itself in; a service manager makes it otherwise."""
_SERVER = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitUserRC no
AcceptEnv LANG LC_*
SetEnv {environment}
"""
_CLIENT = """\
Host capture-box
  HostName 127.0.0.1
  Port {port}
  IdentityFile {folder}/user_key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  StrictHostKeyChecking yes
  ExitOnForwardFailure yes
  LogLevel ERROR
  SendEnv LANG LC_*
"""
_LINES = "export PATH={path}\nPS1='server$ '\n"


class SshHost:
    """The machine at the far end."""

    def __init__(self, folder: Path, server: Mapping[str, str]) -> None:
        """A host that is not running yet.

        Args:
            folder: its keys and configuration.
            server: environment of everything that is started on it; its HOME is in there.
        """
        self.folder = folder
        self._port = free_port()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            **server,
            "PATH": path,
            "TMUX_TMPDIR": str(folder),
            "CAPTURE_BOX": str(folder),
        }
        self.path = f"{folder}/bin{os.pathsep}{path}"
        """PATH of the machine at the near end: with its ``ssh``, and the program."""
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the keys, start the daemon and wait until it listens."""
        self._write()
        sshd = shutil.which("sshd")
        assert sshd is not None  # by an absolute path: it starts itself again for each login
        if os.geteuid() == 0:
            _SEPARATION.mkdir(mode=0o755, exist_ok=True)
        log = self.folder / "sshd.log"
        self._daemon = subprocess.Popen(
            [sshd, "-D", "-f", str(self.folder / "sshd_config"), "-E", str(log)],
            stdin=subprocess.DEVNULL,
        )
        ended = self._daemon.poll
        wait_until(lambda: listens(self._port) or ended() is not None, "sshd does not listen")
        assert ended() is None, log.read_text()

    def stop(self) -> None:
        """End the daemon and all that still runs on the host."""
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def processes(self) -> list[int]:
        """Process ids of what was started on the host, tmux and its windows included (Linux)."""
        mark = f"CAPTURE_BOX={self.folder}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
        return found

    def wait_until_idle(self) -> None:
        """Wait until nothing that was started on the host is left."""
        wait_until(lambda: not self.processes(), "something is left there")

    def _write(self) -> None:
        for key in ("host_key", "user_key"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / key)],
                check=True,
                stdin=subprocess.DEVNULL,
            )
        public = (self.folder / "host_key.pub").read_text()
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self._port} {public}")
        words = " ".join(f"{name}={value}" for name, value in self._environment.items())
        server = _SERVER.format(port=self._port, folder=self.folder, environment=words)
        (self.folder / "sshd_config").write_text(server)
        client = _CLIENT.format(port=self._port, folder=self.folder)
        (self.folder / "ssh_config").write_text(client)
        # A login shell begins with the system's PATH, and reads this after it.
        home = Path(self._environment["HOME"])
        (home / ".profile").write_text(_LINES.format(path=self._environment["PATH"]))
        self._write_ssh()

    def _write_ssh(self) -> None:
        command = self.folder / "bin" / "ssh"
        command.parent.mkdir()
        real = shutil.which("ssh")
        command.write_text(f'#!/bin/sh\nexec {real} -F {self.folder}/ssh_config "$@"\n')
        command.chmod(0o755)


@contextlib.contextmanager
def ssh_host(server: Mapping[str, str]) -> Iterator[SshHost]:
    """Run the host; everything on it, and its folder, is gone afterwards.

    Args:
        server: more of the environment of everything that is started on it.
    """
    with tempfile.TemporaryDirectory(prefix="capture-box-", ignore_cleanup_errors=True) as folder:
        host = SshHost(Path(folder), server)
        try:
            host.start()
            yield host
        finally:
            host.stop()


def free_port() -> int:
    """A port of loopback that nothing listens on, in both families."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def listens(port: int) -> bool:
    """Whether something waits for connections there, found out without making one (Linux)."""
    rows = [row.split() for table in ("tcp", "tcp6") for row in _rows(Path("/proc/net") / table)]
    return any(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)


def _rows(table: Path) -> list[str]:
    return table.read_text().splitlines()[1:] if table.exists() else []
