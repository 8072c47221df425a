"""The Textual app, which runs on the main thread and renders the newest state of a monitor.

Importing this package does not import Textual; `deeptone_tui.app.run` does.
"""
