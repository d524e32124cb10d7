from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CdpConfig(AppConfig):
    name = "cdp"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Tasks ask for the current application, so it must exist before the first one is called.
        from cdp import celery, checks  # noqa: F401
        from cdp.lib import schedules

        post_migrate.connect(schedules.write, sender=self, dispatch_uid="foyer.schedules")
