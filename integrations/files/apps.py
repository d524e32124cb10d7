from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "integrations.files"
    label = "files"
