import datetime as dt

from django.apps import AppConfig

from cdp.lib import schedules

# Before anybody's morning run, so that its counts are of the day.
DECIDE_DUE = schedules.Schedule(
    name="decide what time has changed",
    task="consent.tasks.decide_due_everywhere",
    daily_at=dt.time(4, 10),
)

# What a mail server refused goes out as soon as it takes mail again.
MAIL_CONFIRMATIONS = schedules.Schedule(
    name="mail that asks to confirm",
    task="consent.tasks.mail_confirmations_everywhere",
    every=dt.timedelta(minutes=10),
)

# When yesterday is over in UTC too, and what time has changed is decided.
WATCH = schedules.Schedule(
    name="seal the ledger and compare",
    task="consent.tasks.watch_everywhere",
    daily_at=dt.time(4, 40),
)


class ConsentConfig(AppConfig):
    name = "consent"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from consent import comparing, identity, panels
        from consent.datamap import parts as datamap
        from consent.experiments import parts as experiments
        from consent.preferences import panels as preferences
        from consent.registers import panels as registers
        from consent.rights import erasing_parts as erasing

        panels.register_parts()
        preferences.register()
        registers.register()
        datamap.register()
        identity.register()
        comparing.register()
        experiments.register()
        erasing.register()
        schedules.register(DECIDE_DUE)
        schedules.register(WATCH)
        schedules.register(MAIL_CONFIRMATIONS)
