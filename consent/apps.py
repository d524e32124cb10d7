import datetime as dt

from django.apps import AppConfig

from cdp.lib import schedules

# Before anybody's morning run, so that its counts are of the day.
DECIDE_DUE = schedules.Schedule(
    name="decide what time has changed",
    task="consent.tasks.decide_due_everywhere",
    daily_at=dt.time(4, 10),
)


class ConsentConfig(AppConfig):
    name = "consent"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from consent import identity, panels

        panels.register_parts()
        identity.register()
        schedules.register(DECIDE_DUE)
