"""Which of the documented models run here."""

from deeptone_tui.protocol import ParameterError

OFFERED = ("speech-rt", "speech", "gender")
"""The models whose answers have been measured and can be stood by."""


class ModelNotOffered(ParameterError):  # noqa: N818  named for what happened
    """A model is documented but does not run here; names it and the ones that do."""


def check_offered(models: tuple[str, ...]) -> None:
    """Refuse what does not run here.

    Raises:
        ModelNotOffered: for the first model that does not.
    """
    for model in models:
        if model not in OFFERED:
            raise ModelNotOffered(
                f"model {model} is documented but not offered here: {', '.join(OFFERED)} are"
            )
