from django.apps import AppConfig


class MailchimpConfig(AppConfig):
    name = "integrations.mailchimp"
    label = "mailchimp"
