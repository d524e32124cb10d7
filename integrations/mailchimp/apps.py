import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cdp.lib import schedules


class MailchimpConfig(AppConfig):
    name = "integrations.mailchimp"
    label = "mailchimp"
    verbose_name = _("Mailchimp")

    def ready(self) -> None:
        from integrations.mailchimp import forgetting, identity, stores
        from integrations.mailchimp.menu import register_entry

        register_entry()
        identity.register()
        forgetting.register()
        stores.register()
        every = dt.timedelta(minutes=5)
        schedules.register(
            schedules.Schedule("plans that go on", "integrations.mailchimp.tasks.wake_plans", every=every)
        )
