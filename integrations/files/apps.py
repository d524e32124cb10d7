import datetime as dt

from django.apps import AppConfig

from cdp.lib import schedules

FORGET_OLD = schedules.Schedule(
    name="forget old files",
    task="integrations.files.tasks.forget_old_files_everywhere",
    daily_at=dt.time(3, 20),
)


class FilesConfig(AppConfig):
    name = "integrations.files"
    label = "files"

    def ready(self) -> None:
        from integrations.files import leaving, stores
        from organisations import example

        stores.register()
        example.also(leaving.forget)
        schedules.register(FORGET_OLD)
