"""What C libraries write to stderr stays off the screen."""

import subprocess
import sys
import textwrap
from pathlib import Path

from support.terminals.terminal import terminal

PREAMBLE = """
import ctypes, os, sys, threading
from pathlib import Path
from deeptone_tui.audio.native_stderr import native_stderr_silenced, redirect_native_stderr
libc = ctypes.CDLL(None)
def from_c(text):
    libc.write(2, text.encode(), len(text))
log = Path(sys.argv[1])
"""


def script(body: str) -> str:
    """A program with a C library that writes to descriptor 2."""
    return PREAMBLE + textwrap.dedent(body)


def run(body: str, log: Path) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    command = [sys.executable, "-c", script(body), str(log)]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def test_python_keeps_the_screen_and_c_gets_the_log(tmp_path: Path) -> None:
    """In a terminal, for the whole run; afterwards everything is as before."""
    log = tmp_path / "logs" / "native.log"
    body = """
        before = sys.__stderr__
        with redirect_native_stderr(log) as screen:
            assert sys.stderr is sys.__stderr__ is screen
            assert sys.__stderr__.isatty() and sys.__stderr__.fileno() != 2
            from_c("alsa: noise 1\\n")
            print("drawn by python äöü", file=sys.__stderr__)
            os.system("echo child noise >&2")
            with native_stderr_silenced():
                from_c("alsa: noise 2\\n")
                print("drawn meanwhile", file=sys.__stderr__)
        assert sys.stderr is sys.__stderr__ is before and before.fileno() == 2
        from_c("c again\\n")
        print("done", file=sys.stderr)
    """
    with terminal([sys.executable, "-c", script(body), str(log)]) as session:
        session.wait_for("done")
        assert session.text.split("\n")[:4] == [
            "drawn by python äöü",
            "drawn meanwhile",
            "c again",
            "done",
        ]
    assert log.read_text() == "alsa: noise 1\nchild noise\nalsa: noise 2\n"


def test_the_log_grows_over_runs_but_not_for_ever(tmp_path: Path) -> None:
    """Later runs append, until it is a megabyte."""
    log = tmp_path / "native.log"
    body = "with redirect_native_stderr(log): from_c('noise\\n')"
    run(body, log)
    run(body, log)
    assert log.read_text() == "noise\nnoise\n"
    log.write_bytes(bytes(2_000_000))
    run(body, log)
    assert log.read_text() == "noise\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_log_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    """The screen is kept clean all the same."""
    (tmp_path / "file").touch()
    body = """
        for path in (log, None):
            with redirect_native_stderr(path):
                from_c("noise\\n")
                print("drawn", file=sys.stderr)
    """
    assert run(body, tmp_path / "file" / "native.log").stderr == "drawn\ndrawn\n"


def test_a_silenced_moment_ends_with_the_last_thread(tmp_path: Path) -> None:
    """Moments overlap in any order, and stderr is whole again after them."""
    body = """
        entered, leave = threading.Event(), threading.Event()
        def other():
            with native_stderr_silenced():
                entered.set()
                leave.wait(10)
        from_c("before\\n")
        with native_stderr_silenced():
            thread = threading.Thread(target=other)
            thread.start()
            entered.wait(10)
            from_c("noise 1\\n")
        from_c("noise 2\\n")
        leave.set()
        thread.join()
        from_c("after\\n")
    """
    assert run(body, tmp_path / "unused").stderr == "before\nafter\n"
    assert not (tmp_path / "unused").exists()


def test_python_is_heard_over_a_call_that_hangs(tmp_path: Path) -> None:
    """That it hangs is to be told; what C writes is dropped all the same."""
    body = """
        entered = threading.Event()
        def hanging():
            with native_stderr_silenced():
                entered.set()
                threading.Event().wait()
        threading.Thread(target=hanging, daemon=True).start()
        entered.wait(10)
        from_c("noise\\n")
        print("told äöü", file=sys.stderr)
    """
    assert run(body, tmp_path / "unused").stderr == "told äöü\n"


def test_a_screen_that_opens_over_a_call_that_hangs_is_seen(tmp_path: Path) -> None:
    """And the call, when it comes back after all, does not put C's words onto it."""
    log = tmp_path / "native.log"
    body = """
        before = sys.__stderr__
        entered, leave = threading.Event(), threading.Event()
        def hanging():
            with native_stderr_silenced():
                entered.set()
                leave.wait(10)
        thread = threading.Thread(target=hanging)
        thread.start()
        entered.wait(10)
        with redirect_native_stderr(log) as screen:
            assert sys.stderr is sys.__stderr__ is screen
            print("drawn", file=sys.__stderr__)
            leave.set()
            thread.join()
            from_c("noise\\n")
        assert sys.stderr is sys.__stderr__ is before and before.fileno() == 2
        from_c("after\\n")
    """
    assert run(body, log).stderr == "drawn\nafter\n"
    assert log.read_text() == "noise\n"


def test_a_closed_stderr_is_no_error(tmp_path: Path) -> None:
    """A service may have none."""
    body = """
        os.close(2)
        with native_stderr_silenced():
            pass
        print("fine")
    """
    assert run(body, tmp_path).stdout == "fine\n"


def test_a_process_without_stderr_is_left_alone(tmp_path: Path) -> None:
    """Python has no ``sys.__stderr__`` then."""
    body = "with redirect_native_stderr(log): print('fine')"
    command = [sys.executable, "-c", script(body), str(tmp_path / "log")]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *command], stdout=subprocess.PIPE, check=True
    )
    assert done.stdout == b"fine\n"
