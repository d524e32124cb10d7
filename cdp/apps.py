from django.apps import AppConfig


class CdpConfig(AppConfig):
    name = "cdp"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Tasks ask for the current application, so it must exist before the first one is called.
        from cdp import celery, checks  # noqa: F401
