"""What the app is started with, and what it leaves behind."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.settings.export import Start
from deeptone_tui.settings.options import DEFAULTS, Options

if TYPE_CHECKING:
    from deeptone_tui.app.keymap import KeyMap

DEFAULT_RECORDINGS = Path("recordings")
"""Within the folder that one is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenSettings:
    """How the screen is to be; the monitor behind it is made by the caller."""

    parameters: StreamParameters = field(default_factory=StreamParameters)
    """What the endpoint is asked for at first; the mark stands at its threshold."""
    url: str | None = None
    """Address of the endpoint; None for the local one."""
    api_key: str | None = field(default=None, repr=False)
    options: Options = field(default=Options())
    """How it looks; what these do not say is as in the table of options."""
    keys: "KeyMap" = field(default_factory=dict)
    """The user's own keys, by action, as `deeptone_tui.app.keymap.read_keymap` returns them."""
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

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", self.options.over(DEFAULTS))

    @property
    def fps(self) -> int:
        """Updates of the screen a second."""
        return self.options.fps or 1

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
