"""What to try where there is no microphone."""

from collections.abc import Mapping

OTHER_SOURCES = (
    "Everything else works without: o opens the demo, a file, or tcp://HOST:PORT, and"
    " “deeptone-tui -” reads a pipe."
)
"""What can be listened to instead of a microphone."""

_OVER_SSH = """\
You are logged in over SSH: a microphone at your end is not here. Send it, from your end:
  arecord -q -t raw -f S16_LE -r 16000 -c 1 | nc -l 4711
  ssh -N -R 4711:localhost:4711 {user}{host}
then press o here and type tcp://localhost:4711"""

_AT_THE_MACHINE = """\
Is one plugged in, or paired and connected? Does the system list it (arecord -l, pactl list \
short sources)? May this user record (group audio)? r looks again."""


def hints_without_devices(environ: Mapping[str, str]) -> str:
    """Lines to show when no input device exists.

    Args:
        environ: the environment, which tells a login over SSH.
    """
    connection = environ.get("SSH_CONNECTION", "").split()
    if len(connection) < 3:  # noqa: PLR2004  client, its port, and the address reached here
        return f"{_AT_THE_MACHINE}\n\n{OTHER_SOURCES}"
    user = environ.get("USER", "")
    recipe = _OVER_SSH.format(user=f"{user}@" * bool(user), host=connection[2])
    return f"{recipe}\n\n{OTHER_SOURCES}"
