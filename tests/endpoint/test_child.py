"""The local endpoint in its child process: born when needed, gone when not."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from support.endpoints.served_endpoint import PATIENCE, hear, until
from support.terminals.terminal import is_running
from support.time.waiting import wait_until

from deeptone_tui.endpoint import EndpointError, LocalEndpoint
from deeptone_tui.endpoint.child import EndpointProcess

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
async def local() -> AsyncIterator[LocalEndpoint]:
    """A local endpoint, closed in the end."""
    endpoint = LocalEndpoint()
    yield endpoint
    await endpoint.close()


async def judged(url: str, key: str | None) -> int:
    """How many results two seconds of silence get."""
    async with (
        ClientSession() as session,
        session.ws_connect(url, headers={"X-Api-Key": key or ""}) as socket,
    ):
        await socket.send_bytes(bytes(65_536))
        await socket.send_bytes(b"")
        return len((await hear(socket)).steps)


def started_by(program: str) -> LocalEndpoint:
    """One whose child runs this Python."""
    return LocalEndpoint(command=(sys.executable, "-c", textwrap.dedent(program)))


async def close_for_good(endpoint: LocalEndpoint) -> None:
    """Close it, which leaves no process."""
    pid = endpoint.pid
    assert pid is not None
    await endpoint.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert endpoint.pid is None


async def test_it_starts_when_it_is_first_needed_and_judges(local: LocalEndpoint) -> None:
    """A real child with the real models."""
    assert local.pid is None
    target = await local.target()
    assert local.pid is not None
    assert target.url.startswith("ws://127.0.0.1:")
    assert target.url.endswith("/stream")
    assert await judged(target.url, target.api_key) == 2


async def test_it_is_asked_again_and_again_but_started_once(local: LocalEndpoint) -> None:
    """Also by several at the same moment."""
    targets = await asyncio.gather(*(local.target() for _ in range(5)))
    pid = local.pid
    assert await local.target() == targets[0]
    assert len({target.url for target in targets}) == 1
    assert local.pid == pid


async def test_it_needs_the_key_that_only_the_parent_knows(local: LocalEndpoint) -> None:
    """Other programs on the machine find the port, not the key."""
    target = await local.target()
    assert target.api_key is not None
    assert len(target.api_key) >= 32
    assert target.api_key not in repr(target)
    for key in (None, "guess"):
        with pytest.raises(WSServerHandshakeError):
            await judged(target.url, key)


@linux
async def test_the_key_is_in_no_list_of_processes(local: LocalEndpoint) -> None:
    """Neither among the arguments nor in the environment."""
    target = await local.target()
    assert target.api_key is not None
    for name in ("cmdline", "environ"):
        assert target.api_key.encode() not in _of_process(local.pid, name)


async def test_another_is_started_when_it_has_died(local: LocalEndpoint) -> None:
    """The next connection finds a new one."""
    first = await local.target()
    assert local.pid is not None
    os.kill(local.pid, signal.SIGKILL)
    await until(lambda: local.pid is None)
    second = await local.target()
    assert second.url != first.url
    assert await judged(second.url, second.api_key) == 2


@pytest.mark.parametrize("stopped", [False, True])
async def test_closing_leaves_no_process(local: LocalEndpoint, stopped: bool) -> None:
    """Even one that was stopped and cannot hear a signal."""
    await local.target()
    assert local.pid is not None
    if stopped:
        os.kill(local.pid, signal.SIGSTOP)
    await close_for_good(local)


async def test_one_that_will_not_end_is_killed() -> None:
    """A library may have taken the signal."""
    endpoint = started_by("""
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print('{"port": 1}', flush=True)
        time.sleep(60)
    """)
    await endpoint.target()
    await close_for_good(endpoint)


async def test_it_can_be_used_after_closing(local: LocalEndpoint) -> None:
    """As when somebody switches to another endpoint and back."""
    await local.target()
    await local.close()
    target = await local.target()
    assert await judged(target.url, target.api_key) == 2


async def test_closing_while_it_starts_ends_the_start() -> None:
    """Quitting must not wait for the models."""
    endpoint = started_by("import time; time.sleep(60)")
    starting = asyncio.create_task(endpoint.target())
    await until(lambda: endpoint.pid is not None)
    await close_for_good(endpoint)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(EndpointError):
            await starting


async def test_closing_before_the_first_use_is_fine() -> None:
    """Twice, too."""
    endpoint = LocalEndpoint()
    await endpoint.close()
    await endpoint.close()


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (
            "import sys; sys.exit('first\\nno module named onnxruntime\\n\\n')",
            "no module named onnxruntime",
        ),
        ("import os; os.kill(os.getpid(), 9)", "it was ended by signal 9 (Killed)"),
        ("raise SystemExit(3)", "it ended without a word"),
        ("import sys; sys.exit('a\\x1b[31mb')", "a\N{REPLACEMENT CHARACTER}[31mb"),
    ],
)
async def test_a_failed_start_says_what_the_child_said_last(program: str, words: str) -> None:
    """One line for the status line, without what steers a terminal; or how it ended."""
    endpoint = started_by(program)
    with pytest.raises(EndpointError) as failure:
        await endpoint.target()
    await endpoint.close()
    assert str(failure.value) == f"the local endpoint did not start: {words}"


async def test_one_that_takes_too_long_is_not_said_to_have_ended() -> None:
    """It was ended for that."""
    waiting = EndpointProcess((sys.executable, "-c", "input(); input()"), b"\n")
    with pytest.raises(EndpointError, match=r"did not listen within 0\.1 s"):
        waiting.wait_until_listening(0.1)
    await waiting.stop()
    waiting.release()


async def test_a_program_that_does_not_exist_is_said_so() -> None:
    """An interpreter can be gone after an update."""
    endpoint = LocalEndpoint(command=("/no/such/python",))
    with pytest.raises(EndpointError, match="started: /no/such/python: no such file"):
        await endpoint.target()
    await endpoint.close()


async def test_what_the_child_writes_is_kept_within_bounds() -> None:
    """The last fifty lines, none of them endless, and never on the terminal."""
    endpoint = started_by("""
        import sys
        for number in range(2000):
            print(number, "x" * 2000, file=sys.stderr)
        print('{"port": 1}', flush=True)
        sys.stdin.read()
    """)
    await endpoint.target()
    assert endpoint._process is not None
    log = endpoint._process.log
    await until(lambda: any(line.startswith("1999 ") for line in tuple(log)))
    assert len(log) == 50
    assert max(map(len, log)) <= 500
    await endpoint.close()


def test_it_works_in_the_loop_of_a_thread_and_in_another_loop_later() -> None:
    """The monitor's core has a loop of its own."""
    endpoint = LocalEndpoint()
    results: list[int] = []

    def use(*, last: bool) -> None:
        async def once() -> None:
            target = await endpoint.target()
            results.append(await judged(target.url, target.api_key))
            if last:
                await endpoint.close()

        asyncio.run(once())

    for last in (False, True):
        thread = threading.Thread(target=use, kwargs={"last": last})
        thread.start()
        thread.join(PATIENCE)
    assert results == [2, 2]


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_the_child_dies_with_its_parent(number: signal.Signals) -> None:
    """However the parent dies; ctrl+c reaches the parent alone."""
    program = textwrap.dedent("""
        import asyncio
        from deeptone_tui.endpoint import LocalEndpoint

        async def main():
            endpoint = LocalEndpoint()
            await endpoint.target()
            print(endpoint.pid, flush=True)
            await asyncio.sleep(60)

        asyncio.run(main())
    """)
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert os.getpgid(child) != os.getpgid(parent.pid)
        os.killpg(parent.pid, number)
        parent.wait(PATIENCE)
    wait_until(lambda: not is_running(child), "the child is left")


@linux
async def test_the_child_ignores_an_interrupt(local: LocalEndpoint) -> None:
    """Some terminals send it to every process they know of."""
    target = await local.target()
    assert local.pid is not None
    os.kill(local.pid, signal.SIGINT)
    assert await judged(target.url, target.api_key) == 2


def _of_process(pid: int | None, name: str) -> bytes:
    return Path(f"/proc/{pid}/{name}").read_bytes()
