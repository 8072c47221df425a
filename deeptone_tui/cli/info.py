"""The ``info`` command."""

from collections.abc import Mapping

import click

from deeptone_tui.cli.errors import RunError


@click.command("info")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.option(
    "--profile",
    metavar="NAME",
    envvar="DEEPTONE_PROFILE",
    help="Use this profile of the configuration.",
)
@click.option(
    "--config",
    "configuration",
    type=click.Path(),
    metavar="FILE",
    envvar="DEEPTONE_CONFIG",
    help="Read this configuration instead of the usual one.",
)
def command(*, as_json: bool, profile: str | None, configuration: str | None) -> None:
    """Show versions, paths, terminal, audio and endpoint: what a bug report needs.

    Keys are never shown, only whether there is one.
    """
    from deeptone_tui.cli.facts import gather  # noqa: PLC0415  not for --help
    from deeptone_tui.core.output import for_people, to_json  # noqa: PLC0415  not for --help

    facts = gather(profile=profile, configuration=configuration)
    if as_json:
        click.echo(to_json(facts, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(map(for_people, as_text(facts).split("\n"))))
    if facts["audio"].get("answers") is False:
        raise RunError(str(facts["audio"]["portaudio"]))


def as_text(facts: Mapping[str, Mapping[str, object]]) -> str:
    """Each group under its name, each fact on a line; lists below each other."""
    width = max(len(name) for group in facts.values() for name in group)
    lines: list[str] = []
    for title, group in facts.items():
        lines += ["", title] if lines else [title]
        for name, value in group.items():
            for number, words in enumerate(_words(value)):
                lines.append(f"  {name if number == 0 else '':<{width}}  {words}")
    return "\n".join(lines)


def _words(value: object) -> list[str]:
    """A fact in words: one for each line it takes."""
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, list):
        return [str(item) for item in value] or ["none"]
    return ["none" if value in (None, "") else str(value)]
