"""Files of the browser client: HTML, style sheet and scripts, sent as they are."""
