"""What every test shares: the rule about programs of the system, and how examples are drawn."""

import contextlib
import functools
import gc
import importlib
import os
import pkgutil
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import deeptone_tui
from deeptone_tui.core.redaction import redacted

gc.disable()  # until everything is imported and collected, which leaves no garbage

# How long one example takes says more about what else the machine is doing than about the code.
_EXAMPLES = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,  # what failed here before is no part of a test
    print_blob=True,
)
# The same examples for everybody, under CI or not; `make test-seeds` draws fresh ones.
settings.register_profile("repeatable", _EXAMPLES, derandomize=True)
settings.register_profile("fresh", _EXAMPLES, derandomize=False)
settings.load_profile("repeatable")

# What a person's shell says about terminal, language, colours, proxies and options is no part of a
# test. Some of it is read at the first import of Textual, which is why no fixture does this.
_ANYBODYS = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
_TERMINAL = ("NO_COLOR", "FORCE_COLOR", "COLORFGBG", "COLUMNS", "LINES", "TMUX", "STY", "LANGUAGE")
_FOR_THE_TESTS = ("DEEPTONE_RECORDRTC", "DEEPTONE_BENCH", "TEXTUAL_SNAPSHOT_")
for _name in [name for name in os.environ if not name.startswith(_FOR_THE_TESTS)]:
    _is_option = _name.startswith(("DEEPTONE_", "TEXTUAL_", "LC_", "SSH_"))
    if _is_option or _name in _TERMINAL or _name.lower().endswith("_proxy"):
        del os.environ[_name]
os.environ.update(_ANYBODYS)

_SMALL_GROUPS = {
    **{name: f"mark.{name}" for name in ("realtime", "serial", "thorough")},
    "hypothesis": "from hypothesis",  # which marks its tests itself
}
"""What a file says that has tests of a small group."""

# A shell's background jobs ignore SIGINT, what nohup starts ignores SIGHUP, and so would every
# program that is started here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def no_secrets_of_another_test() -> Iterator[None]:
    """A secret is known to a process for as long as it runs, and the tests share one."""
    yield
    redacted.forget()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The long forms."""
    parser.addoption(
        "--moments", type=int, default=1, help="moments at which each fault of the matrix strikes"
    )
    parser.addoption(
        "--thresholds", type=int, default=3, help="thresholds at which counts are compared"
    )


@functools.cache
def _has_tests_of(path: Path, group: str) -> bool:
    return _SMALL_GROUPS[group] in path.read_text("utf-8")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import hundreds of files for the few of a small group, as in ``-m serial``."""
    asked, _, more = str(config.option.markexpr).partition(" ")
    if asked in _SMALL_GROUPS and " or " not in more and collection_path.match("test_*.py"):
        return not _has_tests_of(collection_path, asked) or None
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first; skip a test whose system programs are missing.

    Under ``CI=true`` it is let fail instead.

    Raises:
        pytest.UsageError: for a test of a small group whose file does not say so.
    """
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        for group, words in _SMALL_GROUPS.items():
            if item.get_closest_marker(group) and not _has_tests_of(item.path, group):
                raise pytest.UsageError(f"{item.path} has to say {words!r} itself")
        for marker in item.iter_markers("system"):
            missing = [program for program in marker.args if shutil.which(program) is None]
            if missing and os.environ.get("CI") != "true":
                reason = f"needs {', '.join(missing)} on this machine"
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load the whole program before examples are drawn.

    Hypothesis also draws the constants that stand in the modules loaded so far. Which those are
    depends on the tests that happened to run before in the same process.
    """
    if any(item.get_closest_marker("hypothesis") for item in session.items):
        for module in pkgutil.walk_packages(deeptone_tui.__path__, "deeptone_tui."):
            with contextlib.suppress(ImportError):  # rebuilding the networks takes packages more
                importlib.import_module(module.name)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Search what the tests leave for garbage, now and then, and not all modules each time."""
    gc.freeze()
    gc.set_threshold(10_000)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail by name where a system program is missing and nothing may be skipped."""
    if os.environ.get("CI") != "true":
        return
    for marker in item.iter_markers("system"):
        missing = [program for program in marker.args if shutil.which(program) is None]
        if missing:
            pytest.fail(f"{', '.join(missing)} must be installed where CI=true", pytrace=False)
