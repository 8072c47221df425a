"""What is used of the module ``sounddevice``, which ships no types: the seam for a fake one."""

from collections.abc import Callable
from typing import Any, Protocol

Receive = Callable[[bytes, int, bool], None]
"""Gets interleaved 16-bit samples, the number of frames, and whether an overflow was flagged."""


class Library(Protocol):
    """The module."""

    @property
    def PortAudioError(self) -> type[Exception]:  # noqa: N802  sounddevice's name
        """What it raises: text, code, host error."""
        ...

    @property
    def RawInputStream(self) -> Callable[..., "LibraryStream"]:  # noqa: N802  sounddevice's name
        """Opens a device."""
        ...

    def query_devices(self, device: int | None = None, kind: str | None = None) -> Any:  # noqa: ANN401  dicts
        """All devices, or the default one of a kind."""
        ...

    def query_hostapis(self) -> Any:  # noqa: ANN401  dicts
        """All host APIs."""
        ...

    def _initialize(self) -> None: ...
    def _terminate(self) -> None: ...


class LibraryStream(Protocol):
    """What is used of ``sounddevice.RawInputStream``. Never ``stop``: it waits for data."""

    @property
    def active(self) -> bool:
        """Whether it calls back, or would if there was data."""
        ...

    def start(self) -> None:
        """Begin to call back."""
        ...

    def abort(self) -> None:
        """End without waiting for data."""
        ...

    def close(self) -> None:
        """Release the device."""
        ...
