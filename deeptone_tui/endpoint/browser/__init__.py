"""The browser client: the page's HTML, style and scripts, as they are sent."""
