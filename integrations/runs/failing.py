"""What an error means: try again later, or call a person.

The three errors of `integrations.errors` decide; a database that was away is tried again like a
busy server; anything else is a fault in Foyer, which is tried a few times and then shown as one.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import traceback

from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from integrations.errors import ConfigurationError, Rejected, TryLater
from integrations.models import Run, RunState, RunStep
from integrations.runs import ending, lease
from integrations.runs.reconnect import drop_dead_connection

log = logging.getLogger(__name__)

FIRST_WAIT = 20.0
LONGEST_WAIT = 30 * 60.0
TRIES = 6
"""20, 40, 80, 160, 320 seconds, give or take a half: about ten minutes of patience."""
TRIES_OF_OURS = 3


def check_attempts(run: Run) -> None:
    """A unit whose worker died every time must not kill workers for ever."""
    if run.attempts >= TRIES:
        raise ConfigurationError(
            _("The work stopped without a word %(times)s times at this step.") % {"times": run.attempts}
        )


def failed(run: Run, step: RunStep, error: Exception) -> float | None:
    """Writes down what happened. Returns the seconds to wait, or None when a person is needed."""
    drop_dead_connection()
    reason, tries, final_state = _judge(error)
    if run.attempts + 1 >= tries:
        ending.waits(run, step, reason, final_state)
        return None
    after = pause(run.attempts, getattr(error, "after", None))
    with transaction.atomic():
        RunStep.objects.filter(pk=step.pk).update(error=reason)
        lease.keep(
            run, attempts=run.attempts + 1, retry_at=Now() + dt.timedelta(seconds=after), reason=reason
        )
    return after


def pause(attempts: int, wish: float | None = None) -> float:
    """Doubling, with jitter so that fifty organisations do not knock at the same moment."""
    own: float = min(LONGEST_WAIT, FIRST_WAIT * 2**attempts) * random.uniform(0.5, 1.5)  # noqa: S311
    return max(own, wish or 0)


def _judge(error: Exception) -> tuple[str, int, str]:
    """The sentence for people, how often it is tried, and the state when it still fails."""
    if isinstance(error, ConfigurationError | Rejected):
        return str(error), 0, RunState.WAITING
    if isinstance(error, TryLater):
        return str(error), TRIES, RunState.WAITING
    if isinstance(error, OperationalError | InterfaceError):
        return _("The database was away for a moment."), TRIES, RunState.WAITING
    _log_without_values(error)
    told = _("A fault in Foyer: %(kind)s in %(place)s. The log has more.")
    return told % {"kind": type(error).__name__, "place": _place(error)}, TRIES_OF_OURS, RunState.FAILED


def _log_without_values(error: Exception) -> None:
    """The stack, but not the message: database errors quote the row they failed on."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("Unit of a run failed: %s\n%s", type(error).__name__, frames)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    last = (ours or frames)[-1]
    return f"{'/'.join(last.filename.split('/')[-3:])}:{last.lineno}"
