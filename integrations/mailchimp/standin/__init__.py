"""A stand-in for Mailchimp: a real HTTP server that keeps state and answers as the real one was seen to.

It carries the tests and is the demo's account, so that a new user sees what would be sent.
It knows nothing of Foyer or Django; only the wire is shared. What it imitates, and from where,
is written beside each answer (docs/reference/mailchimp.md has the list).
"""

from .server import Standin

__all__ = ["Standin"]
