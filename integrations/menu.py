"""This room's menu entries. Plans register their own."""

from django.utils.translation import gettext_lazy as _

from organisations.navigation import Entry, register
from organisations.roles import Can


def waiting_runs() -> int:
    """Runs that somebody must mend; plans that wait to be read are counted at Plans."""
    from integrations.models import Run

    return Run.objects.broken().count()


ENTRIES = (
    Entry(
        key="home",
        label=_("Home"),
        url_name="integrations:home",
        icon="house",
        position=10,
        capability=Can.SEE_PEOPLE,
    ),
    Entry(
        key="guide",
        label=_("First steps"),
        url_name="integrations:guide",
        icon="sparkles",
        position=20,
        capability=Can.MANAGE_CONNECTIONS,
        place="foot",
    ),
    Entry(
        key="runs",
        label=_("Runs"),
        url_name="integrations:runs",
        icon="calendar-clock",
        position=60,
        capability=Can.SEE_RUNS,
        count=waiting_runs,
    ),
    Entry(
        key="connections",
        label=_("Connections"),
        url_name="integrations:connections",
        icon="plug",
        position=65,
        capability=Can.SEE_RUNS,
    ),
)


def register_entries() -> None:
    for entry in ENTRIES:
        register(entry)
