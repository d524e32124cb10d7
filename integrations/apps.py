import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cdp.lib import schedules


class IntegrationsConfig(AppConfig):
    name = "integrations"
    label = "integrations"
    verbose_name = _("Integrations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations import feeds, labels, menu
        from integrations.erasing import stores

        menu.register_entries()
        labels.register()
        stores.register()
        feeds.register()
        schedules.register(
            schedules.Schedule("morning round", "integrations.tasks.tick", every=dt.timedelta(minutes=1))
        )
