import datetime as dt

from django.apps import AppConfig

from cdp.lib import schedules


class ProfilesConfig(AppConfig):
    name = "profiles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from profiles import menu

        menu.register_parts()
        schedules.register(
            schedules.Schedule("network addresses", "profiles.tasks.forget_networks", daily_at=dt.time(3, 40))
        )
