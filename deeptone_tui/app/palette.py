"""The colours of the screen by what they mean, resolved from the theme once."""

from collections.abc import Callable

from rich.style import Style

TONES = (
    "text", "dim", "bold", "strong", "title", "rule", "key",
    "good", "busy", "held", "bad", "over", "alert", "alert-line",
    "track", "below", "above", "mark", "peak", "needle", "clip", "tick",
    "pile-below", "pile-above", "wave-silent", "wave-loud", "line",
    "first", "second", "third", "fourth", "fifth", "sixth", "quiet", "unsure",
    "selected",
)  # fmt: skip
"""Names of the styles; the stylesheet gives each ``.tone--NAME`` its look."""

COMPONENTS = frozenset(f"tone--{tone}" for tone in TONES)
"""The component classes that stand for them."""


class Palette:
    """Styles by tone, kept until the theme changes.

    One for all widgets: Textual would resolve every component class of every widget.
    """

    def __init__(self, resolve: Callable[[str], Style]) -> None:
        """Look styles up.

        Args:
            resolve: gives the style of a component class.
        """
        self._resolve = resolve
        self._styles: dict[str, Style] = {}
        self._over: dict[tuple[str, str], Style] = {}

    def __getitem__(self, tone: str) -> Style:
        style = self._styles.get(tone)
        if style is None:
            style = self._styles[tone] = self._resolve(f"tone--{tone}")
        return style

    def over(self, tone: str, under: str) -> Style:
        """The style of a sign that stands on something filled with the colour of another."""
        key = (tone, under)
        style = self._over.get(key)
        if style is None:
            style = self._over[key] = self[tone] + Style(bgcolor=self[under].color)
        return style

    def clear(self) -> None:
        """Forget everything: the theme has changed."""
        self._styles.clear()
        self._over.clear()
