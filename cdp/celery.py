"""The background worker's application."""

import os

from tenant_schemas_celery.app import CeleryApp

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")

app = CeleryApp("foyer", task_cls="cdp.lib.tasks:OrgTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
