"""A file of JSON lines that is whole at any moment."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from deeptone_tui.core.output import to_json
from deeptone_tui.recording.folder import new_file


class LinesFile:
    """Appends objects, one a line. Nothing is held back: each call is in the file.

    Raises:
        OSError: when the file is there already, or cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.bytes = 0
        """Written so far."""
        self._file = new_file(path)

    def append(self, documents: Sequence[Mapping[str, object]]) -> None:
        """Write lines, all at once.

        Raises:
            OSError: when not all could be written; those that could are whole.
        """
        text = "".join(to_json(each, sort_keys=True) + "\n" for each in documents)
        waiting = memoryview(text.encode())
        written = 0
        try:
            while written < len(waiting):
                written += self._file.write(waiting[written:]) or 0
        except OSError:
            whole = bytes(waiting[:written]).rfind(b"\n") + 1
            self._file.truncate(self.bytes + whole)
            raise
        self.bytes += written

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
