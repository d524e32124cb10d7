"""What an API token may be allowed. Each room registers the scopes that its routes ask for."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_scopes: dict[str, str | Promise] = {}


def register(scope: str, label: str | Promise) -> None:
    _scopes[scope] = label


def labels() -> dict[str, str | Promise]:
    return dict(_scopes)


register("organisation:read", _("Read the organisation's name and the token's own scopes"))
