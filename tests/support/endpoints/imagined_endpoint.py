"""An endpoint in the same process, without a network, that misbehaves as it is told."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from deeptone_tui.protocol import (
    Answer,
    ErrorReported,
    Greeting,
    Message,
    ResultsReceived,
    Step,
    StreamParameters,
)
from deeptone_tui.session.failures import ConnectionFailed, Failure
from deeptone_tui.session.interfaces import Link, LinkClosed
from deeptone_tui.session.target import Target

Verdict = Callable[[bytes], str]
"""What is said of a period's audio."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How one connection goes."""

    refusal: Failure | None = None
    """No connection at all."""
    greets: bool = True
    announces: bool = True
    """That it understands the end of the audio."""
    hello_after: float = 0.0
    """Seconds."""
    rate: float = 1000.0
    """Times real time at which it takes audio."""
    thinks: float = 0.0
    """Seconds from the end of a period to its result."""
    skips: int = 0
    """Every so many results one is left out; 0 leaves out none."""
    doubles: bool = False
    """Each result comes twice."""
    swaps: bool = False
    """Every other result comes after the one that follows it."""
    ends_after: int | None = None
    """Samples after which the connection ends."""
    lives_for: float | None = None
    """Seconds after which the connection ends."""
    code: int = 1006
    error: str = ""
    """What is said before that."""
    raises: bool = False
    """The connection ends, or fails to be made, with an error that nobody foresaw."""
    mute_after: int | None = None
    """Samples after which it says nothing more, and lives."""


GOOD = Manners()
_APART = 1e-5
"""Seconds between two words: timers of the same moment keep no order."""


class ImaginedLink:
    """Both sides of a connection; see ``session.Link``."""

    def __init__(self, manners: Manners, parameters: StreamParameters, verdict: Verdict) -> None:
        self.manners = manners
        self.parameters = parameters
        self.open = True
        self._verdict = verdict
        self._messages: asyncio.Queue[Message | LinkClosed] = asyncio.Queue()
        self._audio = bytearray()
        self._answered = 0  # periods
        self._kept: Step | None = None
        self._under_way = 0
        self._gone = asyncio.Event()
        self._speaks_at = asyncio.get_running_loop().time() + manners.hello_after
        if manners.lives_for is not None:
            self._later(manners.lives_for, self._break)
        if manners.greets:
            self._later(manners.hello_after, self._say, Greeting("hello", manners.announces))

    @property
    def congested(self) -> bool:
        """See ``Link``."""
        return self._under_way > 0

    async def send(self, payload: bytes) -> None:
        """Take audio at a rate, or its end."""
        if not self.open:
            raise ConnectionResetError
        self._under_way += 1
        try:
            async with asyncio.timeout(len(payload) / 32_000 / self.manners.rate):
                await self._gone.wait()
        except TimeoutError:
            pass
        finally:
            self._under_way -= 1
        if self._gone.is_set():
            raise ConnectionResetError
        if payload:
            self._take(payload)
        else:
            self._later(self.manners.thinks, self._finish)

    async def receive(self) -> Message | LinkClosed:
        """See ``Link``."""
        message = await self._messages.get()
        if self.manners.raises and isinstance(message, LinkClosed):
            raise ZeroDivisionError
        return message

    async def close(self) -> None:
        """See ``Link``."""
        self.end(1000)
        await asyncio.sleep(0)

    async def abort(self) -> None:
        """See ``Link``."""
        self.end(1006)
        await asyncio.sleep(0)

    def _take(self, payload: bytes) -> None:
        manners = self.manners
        self._audio += payload
        size = 2 * self.parameters.period_samples
        while len(self._audio) >= (self._answered + 1) * size:
            self._judge()
        if manners.ends_after is not None and len(self._audio) >= 2 * manners.ends_after:
            self._break()

    def _judge(self) -> None:
        size, number = 2 * self.parameters.period_samples, self._answered
        self._answered += 1
        label = self._verdict(bytes(self._audio[number * size : (number + 1) * size]))
        answers = {name: Answer(label, 1.0) for name in self.parameters.models}
        step = Step(float(number * self.parameters.output_period), answers)
        manners = self.manners
        if manners.skips and number % manners.skips == manners.skips - 1:
            return
        if manners.mute_after is not None and len(self._audio) >= 2 * manners.mute_after:
            return
        if manners.swaps and self._kept is None:
            self._kept = step
            return
        steps = [step, *([self._kept] if self._kept is not None else [])]
        self._kept = None
        for each in steps * (2 if manners.doubles else 1):
            self._answer(each)

    def _answer(self, step: Step) -> None:
        self._later(self._wait(), self._say, ResultsReceived((step,)))

    def _wait(self) -> float:
        """Seconds to the next word: nothing comes before the greeting or the word before it."""
        now = asyncio.get_running_loop().time()
        self._speaks_at = max(now + self.manners.thinks, self._speaks_at + _APART)
        return self._speaks_at - now

    def _finish(self) -> None:
        """The audio has ended: the rest, and goodbye."""
        if not self.manners.announces:
            return
        if len(self._audio) // 2 % self.parameters.period_samples >= 1024:
            self._judge()
        if self._kept is not None:
            self._answer(self._kept)
            self._kept = None
        if self.manners.mute_after is None:
            self._later(self._wait() + _APART, self.end, 1000)

    def _break(self) -> None:
        if self.manners.error:
            self._say(ErrorReported(self.manners.error))
        self.end(self.manners.code)

    def _later(self, seconds: float, action: Callable[..., None], *arguments: object) -> None:
        if seconds:
            asyncio.get_running_loop().call_later(seconds, action, *arguments)
        else:
            action(*arguments)

    def _say(self, message: Message) -> None:
        if self.open:
            self._messages.put_nowait(message)

    def end(self, code: int) -> None:
        """It is over, with a close code."""
        if self.open:
            self.open = False
            self._gone.set()
            self._messages.put_nowait(LinkClosed(code))


@dataclass
class ImaginedEndpoint:
    """Gives each connection its manners; the last ones go on."""

    manners: Sequence[Manners]
    verdict: Verdict = lambda _audio: "speech"
    links: list[ImaginedLink] = field(default_factory=list)
    attempts: int = 0

    async def connect(self, _target: Target, parameters: StreamParameters) -> Link:
        """Open a connection, after a moment."""
        each = self.manners[min(self.attempts, len(self.manners) - 1)]
        self.attempts += 1
        await asyncio.sleep(0.05)
        if each.refusal is not None:
            raise ConnectionFailed(each.refusal)
        if each.raises and each.ends_after is None:
            raise ZeroDivisionError
        link = ImaginedLink(each, parameters, self.verdict)
        self.links.append(link)
        return link
