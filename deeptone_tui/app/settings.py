"""What the app is started with, and what it leaves behind."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.settings.export import Start

if TYPE_CHECKING:
    from deeptone_tui.app.keymap import KeyMap

DEFAULT_RECORDINGS = Path("recordings")
"""Within the folder that one is in."""
DEFAULT_FPS = 15
"""Updates of the screen a second: about one a step of 64 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenSettings:
    """How the screen is to be; the monitor behind it is made by the caller."""

    parameters: StreamParameters = field(default_factory=StreamParameters)
    """What the endpoint is asked for at first; the mark stands at its threshold."""
    url: str | None = None
    """Address of the endpoint; None for the local one."""
    api_key: str | None = field(default=None, repr=False)
    theme: str | None = None
    """Name of the theme; None for the one remembered, or the default."""
    fps: int = DEFAULT_FPS
    """Updates of the screen a second, 1 to 60."""
    plain: bool = False
    """Characters and colours for simple terminals: ASCII, and the terminal's own 16."""
    diff: bool = True
    """Whether the terminal is sent only what changes; otherwise it gets all that Textual writes."""
    keys: "KeyMap" = field(default_factory=dict)
    """The user's own keys, by action, as `deeptone_tui.app.keymap.read_keymap` returns them."""
    ascii: bool = False
    """Whether all signs are to be of ASCII."""
    mouse: bool = True
    """Whether the terminal is asked for the mouse; without, it selects text as ever."""
    preferences: Path | None = None
    """Where the choices of the last run are kept; None to forget them."""
    notices: tuple[str, ...] = ()
    """What deserves a warning once the screen is up, one line each."""
    configuration: Path | None = None
    """The configuration with the profiles; None for the one in the usual place."""
    recordings: Path = DEFAULT_RECORDINGS
    """The folder in which ``r`` makes a folder for each recording."""
    said: frozenset[str] = frozenset()
    """Names of the options that command line or environment set; no profile goes before them."""
    profile: str | None = None
    """Name of the profile that was asked for."""

    @property
    def start(self) -> Start:
        """How the program was started, as far as settings depend on it."""
        return Start(
            parameters=self.parameters,
            said=self.said,
            profile=self.profile,
            configuration=self.configuration,
        )


@dataclass(frozen=True, slots=True)
class ExitSummary:
    """What is said after the screen has closed."""

    exit_code: int = 0
    """0 when it was left by the user or a signal, 1 when it failed."""
    line: str = ""
    """How long was captured, how many results came, what was lost."""
    threshold: tuple[str, ...] = ()
    """The threshold in force, whether it is saved, and the line that uses it."""
    saved: tuple[Path, ...] = ()
    """Files written in this run."""
