from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailchimpConfig(AppConfig):
    name = "integrations.mailchimp"
    label = "mailchimp"
    verbose_name = _("Mailchimp")

    def ready(self) -> None:
        from integrations.mailchimp.menu import register_entry

        register_entry()
