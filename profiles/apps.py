import datetime as dt

from django.apps import AppConfig

from cdp.lib import schedules

# Before permissions are decided for the day (04:10) and anybody's morning run.
MATCH_PEOPLE = schedules.Schedule(
    name="match people", task="profiles.tasks.match_everybody", daily_at=dt.time(3, 30)
)


class ProfilesConfig(AppConfig):
    name = "profiles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from profiles import menu
        from profiles.erasure import stores

        menu.register_parts()
        stores.register()
        schedules.register(
            schedules.Schedule("network addresses", "profiles.tasks.forget_networks", daily_at=dt.time(3, 40))
        )
        schedules.register(
            schedules.Schedule("links uploaded", "profiles.tasks.forget_links", daily_at=dt.time(3, 45))
        )
        schedules.register(MATCH_PEOPLE)
