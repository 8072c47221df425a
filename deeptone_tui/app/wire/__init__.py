"""The wire to the terminal: a model of its screen, and only what changes sent to it.

`parsing` reads what Textual writes onto a `canvas` of `cells` with `pens`; `difference` tells the
terminal what differs from what it has, with the cheapest `moves` and `shifts`; `pacing` says
when there is room on the link, and the `driver` joins it all to Textual. Only the driver knows
Textual, threads and file descriptors.
"""
