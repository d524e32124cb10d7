from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class CdpConfig(AppConfig):
    name = "cdp"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Tasks ask for the current application, so it must exist before the first one is called.
        from cdp import celery, checks  # noqa: F401
        from cdp.lib import schedules

        # The signal is only sent for applications with models, and of no use before these tables are.
        beat = apps.get_app_config("django_celery_beat")
        post_migrate.connect(schedules.write, sender=beat, dispatch_uid="foyer.schedules")
