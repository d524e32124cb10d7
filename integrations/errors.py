"""What a connector may raise. The kind decides what happens next; nothing else is raised on purpose.

Messages are shown to people and written to the run: plain words, no secrets, no personal data.
"""


class ConnectorError(Exception):
    """Base of the three. `str(error)` is the sentence a person reads."""


class ConfigurationError(ConnectorError):
    """Only a person can mend this (wrong key, missing folder): the run waits at once, nothing is retried."""


class Rejected(ConnectorError):
    """This one record is refused for good; the rest goes on."""


class TryLater(ConnectorError):
    """The other side is busy or away: back off and try again. `after` is its own wish in seconds."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after
