import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cdp.lib import schedules
from cdp.lib.schedules import Schedule

FORGET_ENDED_VISITS = Schedule(
    "forget ended visits", "organisations.tasks.forget_ended_visits", daily_at=dt.time(3, 40)
)


class OrganisationsConfig(AppConfig):
    name = "organisations"
    verbose_name = _("Organisations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from organisations import menu

        menu.register_entries()
        schedules.register(FORGET_ENDED_VISITS)
