"""What to try where there is no microphone."""

from collections.abc import Mapping

_OTHER_SOURCES = "Everything but microphones works: 'o' opens the demo, a file or tcp://HOST:PORT."
_OVER_SSH = """\
This is a login over SSH: a microphone at your end is not here. Send it, at your end:
  arecord -q -t raw -f S16_LE -r 16000 -c 1 | nc -l 4711
  ssh -N -R 4711:localhost:4711 {user}{host}
Then press 'o' here and type tcp://localhost:4711"""


def without_devices(problem: str, environ: Mapping[str, str]) -> str:
    """Why there is no microphone, and how to go on.

    Args:
        problem: the line that says why.
        environ: the environment, which tells a login over SSH.
    """
    parts = [_sentence(problem), _OTHER_SOURCES]
    connection = environ.get("SSH_CONNECTION", "").split()
    if len(connection) > 2:  # noqa: PLR2004  client, its port, the address reached here
        user = environ.get("USER", "")
        parts.insert(1, _OVER_SSH.format(user=f"{user}@" * bool(user), host=connection[2]))
    return "\n\n".join(parts)


def _sentence(line: str) -> str:
    return line[:1].upper() + line[1:]
