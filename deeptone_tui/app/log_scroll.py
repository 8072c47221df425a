"""Which lines of the log are in view: the newest, until the user looks at others."""


class LogScroll:
    """The window on numbered lines, and the line that is selected in it.

    It follows the newest line until it is moved; it follows again once it is moved to the end.
    """

    def __init__(self) -> None:
        self.first = 0
        """Number of the oldest line there is."""
        self.end = 0
        """Number of the line that comes next."""
        self.rows = 1
        """Lines in view."""
        self.selected: int | None = None
        """The selected line; None for none."""
        self._top: int | None = None
        self._seen = 0

    @property
    def following(self) -> bool:
        """Whether the newest line is always in view."""
        return self._top is None

    @property
    def top(self) -> int:
        """Number of the first line in view."""
        return max(self.end - self.rows, self.first) if self._top is None else self._top

    @property
    def unseen(self) -> int:
        """Lines that came since the window stopped following."""
        return 0 if self.following else self.end - self._seen

    def extend(self, first: int, end: int) -> None:
        """Take note of new lines, and of old ones that are gone."""
        self.first, self.end = first, end
        if self._top is not None:
            self._top = max(self._top, first)
        if self.selected is not None:
            self.selected = max(self.selected, first)

    def resize(self, rows: int) -> None:
        """Take another number of rows; what is selected stays so, and in view."""
        self.rows = max(rows, 1)
        if self._top is None:
            return
        if self.selected is None:
            self._show(self._top)
        else:
            self._top = max(min(self._top, self.end - self.rows), self.first)
            self.select(self.selected)

    def scroll(self, lines: int) -> None:
        """Move the window, up when negative, and take the selection away."""
        self.selected = None
        self._show(self.top + lines)

    def select(self, number: int) -> None:
        """Select a line, bring it into view, and stop following."""
        if self.first >= self.end:
            return
        self.selected = min(max(number, self.first), self.end - 1)
        if self.following:
            self._hold(self.top)
        if self.selected < self.top:
            self._hold(self.selected)
        elif self.selected >= self.top + self.rows:
            self._hold(self.selected - self.rows + 1)

    def move(self, lines: int) -> None:
        """Move the selection; down from the newest line is to follow again."""
        below = min(self.top + self.rows, self.end)  # a step up from here is the last line in view
        target = (below if self.selected is None else self.selected) + lines
        if target >= self.end:
            self.follow()
        else:
            self.select(target)

    def follow(self) -> None:
        """Show the newest line, and go on doing so."""
        self.selected = None
        self._top = None

    def hold(self) -> None:
        """Stop following where the window stands."""
        if self.following:
            self._hold(self.top)

    def _show(self, top: int) -> None:
        """Move the window within what there is."""
        if top + self.rows >= self.end:
            self.follow()
        else:
            self._hold(max(top, self.first))

    def _hold(self, top: int) -> None:
        if self.following:
            self._seen = self.end
        self._top = top
