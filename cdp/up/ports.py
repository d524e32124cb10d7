"""A port to serve on."""

import socket

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the web server will: a port whose last connections are still fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port(wanted: int, tries: int = 100) -> int | None:
    """The wanted port, or the next one that is free."""
    candidates = range(wanted, min(wanted + tries, 65536))
    return next((port for port in candidates if is_free(port)), None)
