"""Server: sockets, handshakes, streams, limits, metrics and the front page."""
