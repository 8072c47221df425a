"""Tuning from recordings, without a screen: files in, a threshold and what it costs out.

- `recordings` finds the audio files that were meant, `labels` reads what is truly speech in them.
- `listening` measures a source and asks the models of this process, `pool` does it for many
  files in many processes.
- `finding` is the result for one source, and for all of them together.
- `chart` draws what every threshold costs, as SVG.

Nothing is imported here, so that every process loads only what it uses.
"""

__all__: list[str] = []
