from django.conf import settings
from django.http import HttpRequest


def base_url(request: HttpRequest) -> str:
    """The address that links in mails begin with; never taken from the request's Host header."""
    return str(settings.FOYER_BASE_URL)
