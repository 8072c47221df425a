"""The watcher of system calls sees what it is there for; or finding nothing would mean nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.programs.program import PATIENCE
from support.programs.system_calls import Place, Strace

pytestmark = [
    pytest.mark.system("strace"),
    pytest.mark.usefixtures("may_trace"),
    pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's"),
]

BEGINNING = """\
import contextlib, os, socket
from pathlib import Path
udp, udp6 = (socket.socket(each, socket.SOCK_DGRAM) for each in (socket.AF_INET, socket.AF_INET6))
"""
GONE_TO = "192.0.2.1"
"""An address of documentation (RFC 5737); connecting to it by UDP sends nothing."""
ELSEWHERE = "is not this machine"


def watched(folder: Path, code: str) -> list[str]:
    """What is wrong with a program that may write into ``allowed`` only."""
    (folder / "allowed").mkdir()
    (folder / "theirs").write_text("of the user")
    strace = Strace(folder, folder)
    program = f"{BEGINNING}with contextlib.suppress(OSError):\n    {code}\n"
    subprocess.run(
        [*strace.command, sys.executable, "-I", "-S", "-c", program],
        check=True,
        cwd=folder,
        timeout=PATIENCE,
    )
    return strace.violations((Place(rf"{re.escape(str(folder))}/allowed/.*", "for these tests"),))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (f"udp.connect(('{GONE_TO}', 53))", f"{GONE_TO} {ELSEWHERE}"),
        (f"udp6.connect(('::ffff:{GONE_TO}', 53))", ELSEWHERE),
        ("udp6.connect(('2001:db8::1', 53))", f"2001:db8::1 {ELSEWHERE}"),
        ("udp.bind(('0.0.0.0', 0))", f"0.0.0.0 {ELSEWHERE}"),
        ("udp6.bind(('::', 0))", f":: {ELSEWHERE}"),
        ("socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "a socket of a kind"),
        ("Path('/etc/resolv.conf').read_text()", "looks up a name"),
        ("socket.socket(socket.AF_UNIX).connect('/var/run/nscd/socket')", "looks up a name"),
        ("Path('new').write_text('')", "/new is no place"),
        ("Path('allowed/../new').mkdir()", "/new is no place"),
        ("os.open('new', os.O_CREAT, dir_fd=os.open('..', os.O_RDONLY))", "/new is no place"),
        ("Path('theirs').rename('allowed/mine')", "/theirs is no place"),
        ("Path('theirs').unlink()", "/theirs is no place"),
        ("Path('theirs').chmod(0)", "/theirs is no place"),
        ("os.truncate('theirs', 0)", "/theirs is no place"),
        ("Path('new').symlink_to('allowed')", "/new is no place"),
        ("os.fork() or Path('new').touch()", "/new is no place"),
    ],
)
def test_each_kind_of_violation_is_seen(tmp_path: Path, code: str, words: str) -> None:
    """One by one, with the reason; also in a child, and where it fails."""
    (found,) = watched(tmp_path, code)
    assert words in found


def test_what_stays_here_is_no_violation(tmp_path: Path) -> None:
    """Loopback, sockets between processes, reading, and the place that is allowed."""
    here = "udp.bind(('127.0.0.1', 0)), udp6.connect(('::1', 9)), udp.sendto(b'', ('127.0.0.2', 9))"
    kernel = "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0), socket.socketpair()"
    files = "Path('allowed/mine').write_text(Path('theirs').read_text())"
    code = f"{here}, {kernel}, {files}, os.symlink('theirs', 'allowed/link')"
    assert watched(tmp_path, code) == []
