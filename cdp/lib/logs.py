"""How a line of the log is written: whatever happened, without people and without secrets.

Messages of exceptions quote what they failed on (a database error the whole row, a task's failure
the exception), and some addresses hold a secret. So an exception is logged as its kind and its stack,
and what looks like an e-mail address or stands where a secret stands is left out. It is a net: what
logs on purpose names no person in the first place.
"""

import copy
import logging
import re
import traceback
from collections.abc import Iterator
from typing import Any

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"

_LEFT_OUT = (
    # Addresses that are keys: webhooks, invitations, the first sign-in, a new password.
    (re.compile(r"(/hooks/[^/\s]+/[^/\s]+/)[^/\s?\"']+"), r"\1…"),
    (
        re.compile(r"(/(?:invitation|welcome|accounts/(?:password/reset/key|confirm-email))/)[^/\s?\"']+"),
        r"\1…",
    ),
    # Pages for customers: /p/<organisation>/<letter>/<token>/.
    (re.compile(r"(/p/[^/\s]+/[a-z]+/)[^/\s?\"']+"), r"\1…"),
    # What somebody searched for.
    (re.compile(r"((?:^|[\s\"'=])(?:https?:/)?/[^\s?\"']*\?)[^\s\"']+"), r"\1…"),
    (re.compile(r"[^\s\"'<>()=:,;/]+@[\w-]+(?:\.[\w-]+)+"), "…@…"),
)


def without_people(text: str) -> str:
    for pattern, instead in _LEFT_OUT:
        text = pattern.sub(instead, text)
    return text


class LineFormatter(logging.Formatter):
    def __init__(self, fmt: str = FORMAT) -> None:
        super().__init__(fmt)

    def format(self, record: logging.LogRecord) -> str:
        own = copy.copy(record)
        own.exc_text = None  # another handler may have left its own there
        if isinstance(own.args, dict) and own.exc_info and own.exc_info[1]:
            # Celery quotes the exception in the message too.
            own.args = {**own.args, "exc": kind(own.exc_info[1])}
        return without_people(super().format(own))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        return "\n".join(_told(error) for error in _chain(ei[1])) if ei[1] else ""


def kind(error: BaseException) -> str:
    """Its class, and a database error's five-letter code."""
    code = getattr(error, "sqlstate", None)
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    return f"{name} ({code})" if code else name


def _told(error: BaseException) -> str:
    return "".join(["Traceback:\n", *traceback.format_tb(error.__traceback__), kind(error)])


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The first cause first, as Python prints them."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return reversed(chain)
