"""The system calls of a program and all its children, by strace: whom they call, what they write.

Attempts count, also those that fail: an address that cannot be reached here can be elsewhere.
"""

import ipaddress
import os
import re
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60
"""Seconds after which a test hangs."""
NETWORK = ("socket", "connect", "bind", "sendto", "sendmsg", "sendmmsg")
FILES = (
    *("open", "openat", "openat2", "creat", "truncate", "mkdir", "mkdirat", "mknod", "mknodat"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"),
    *("unlink", "unlinkat", "rmdir", "chmod", "fchmodat", "fchmodat2", "chown", "fchownat"),
)
UNWATCHED = "io_uring_setup"
"""What is asked for through a ring of io_uring is no system call of its own."""

_CALL = re.compile(r"(\d+) +(\w+)\((.*)")
_FAMILY = re.compile(r"(?:AF|PF)_(\w+)")
_ADDRESS = re.compile(r'inet_addr\("([^"]*)"\)|inet_pton\(AF_INET6, "([^"]*)"')
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"')
_OPENS = frozenset({"open", "openat", "openat2"})
_FLAGS_THAT_WRITE = re.compile(r"\bO_(WRONLY|RDWR|CREAT|TRUNC|TMPFILE)\b")
_LOOKS_UP = re.compile(r"/resolv\.conf$|/nscd/socket$|/systemd/resolve/|/run/avahi-daemon/socket$")
"""Files and sockets by which the C library asks others for the address of a name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a program may write, and why."""

    path: str
    """Regular expression for the whole path."""
    reason: str


class Strace:
    """A run of strace; the command goes before that of the program, which keeps its process id.

    Args:
        folder: for the pipe by which strace tells what it sees.
        start: folder in which the program is started, for the relative paths of old calls.
    """

    def __init__(self, folder: Path, start: Path) -> None:
        pipe = folder / "strace.pipe"
        os.mkfifo(pipe)
        calls = ",".join(f"?{call}" for call in (*NETWORK, *FILES, UNWATCHED))
        self.command = (
            *("strace", "-D", "-f", "-qq", "-y", "-s", "0", "--seccomp-bpf"),
            *("-o", str(pipe), "-e", f"trace={calls}", "-e", "signal=none"),
        )
        self._start = start
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._reader.start()

    def violations(self, places: Sequence[Place]) -> list[str]:
        """What the program should not have asked for, once it and all its children are gone.

        Args:
            places: where it may write.

        Returns:
            The reason and the call as strace writes it, in order.
        """
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive(), "a process of the program is still running"
        assert self._lines, "strace saw nothing at all"
        return list(violations(self._lines, places, self._start))

    def _read(self, pipe: Path) -> None:
        """Read until strace ends, which is after the last of the processes."""
        with pipe.open(encoding="utf-8", errors="replace") as told:
            self._lines.extend(line.rstrip("\n") for line in told)


def refusal() -> str | None:
    """Why nothing can be traced here; None where it can."""
    tried = ["strace", "-D", "-f", "-qq", "-o", "/dev/stderr", "-e", "trace=execve", "true"]
    told = subprocess.run(tried, capture_output=True, text=True, check=False).stderr
    return None if "execve(" in told else (told.splitlines() or ["strace saw nothing"])[-1]


def violations(lines: Iterable[str], places: Sequence[Place], start: Path) -> Iterator[str]:
    """What strace's lines tell that is neither on this machine nor in these places."""
    for line in lines:
        matched = _CALL.match(line)
        if matched is None:  # the end of a process, or of a call whose beginning is a line above
            continue
        name, arguments = matched[2], matched[3]
        if name == UNWATCHED:
            yield f"cannot be watched: {line}"
        elif name in NETWORK:
            reason = _network(name, arguments)
            if reason is not None:
                yield f"{reason}: {line}"
        else:
            yield from (f"{reason}: {line}" for reason in _files(name, arguments, places, start))


def _network(name: str, arguments: str) -> str | None:
    """What is wrong with a call about a socket, if anything."""
    if name == "socket":
        return _socket(arguments)
    for v4, v6 in _ADDRESS.findall(arguments):
        address = ipaddress.ip_address(v4 or v6)
        mapped = getattr(address, "ipv4_mapped", None) or address
        if not mapped.is_loopback:
            return f"{address} is not this machine"
    for path in re.findall(r'sun_path=@?"([^"]*)"', arguments):
        if _LOOKS_UP.search(path):
            return "looks up a name"
    return None


def _socket(arguments: str) -> str | None:
    """What is wrong with a new socket, if anything."""
    family = _FAMILY.match(arguments)
    if family is not None and family[1] in ("UNIX", "LOCAL"):
        return None
    if family is not None and family[1] in ("INET", "INET6") and "SOCK_RAW" not in arguments:
        return None  # its addresses are seen when it is bound, connected or sent by
    if family is not None and family[1] == "NETLINK" and "NETLINK_ROUTE" in arguments:
        return None  # getaddrinfo asks the kernel which kinds of addresses this machine has
    return "a socket of a kind that nobody needs"


def _files(name: str, arguments: str, places: Sequence[Place], start: Path) -> Iterator[str]:
    """What is wrong with a call about files."""
    found = _PATH.findall(arguments)
    for folder, path in found[-1:] if name.startswith("symlink") else found:
        whole = os.path.normpath(os.path.join(start, folder, path))  # noqa: PTH118  ".." as text
        if name in _OPENS and not _FLAGS_THAT_WRITE.search(arguments):
            if _LOOKS_UP.search(whole):
                yield "looks up a name"
        elif not any(re.fullmatch(place.path, whole) for place in places):
            yield f"{whole} is no place to write to"
