"""The web server's way in. It stays shut while a system check says that an installation is not safe."""

import os
import sys

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
application = get_wsgi_application()

# manage.py checks before it does anything; a web server does not, and would run with a key everybody knows.
wrong = [each for each in checks.run_checks(tags=[checks.Tags.security]) if each.is_serious()]
if wrong:
    print(*wrong, sep="\n", file=sys.stderr, flush=True)  # the log leaves messages of exceptions out
    raise ImproperlyConfigured("This installation is not safe to run.")
