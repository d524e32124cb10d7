"""What the audit page calls each verb. Each room registers its own in `AppConfig.ready`."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_labels: dict[str, str | Promise] = {
    "organisation.created": _("Organisation created"),
    "organisation.changed": _("Organisation's settings changed"),
    "member.invited": _("Member invited"),
    "invitation.withdrawn": _("Invitation withdrawn"),
    "member.joined": _("Member joined"),
    "member.role_changed": _("Role changed"),
    "member.removed": _("Member removed"),
    "member.two_factor_reset": _("Two-factor sign-in reset"),
    "token.issued": _("API token issued"),
    "token.revoked": _("API token revoked"),
    "admin.added": _("Added in settings"),
    "admin.changed": _("Changed in settings"),
    "admin.removed": _("Removed in settings"),
}


def register(labels: Mapping[str, str | Promise]) -> None:
    _labels.update(labels)


def all_labels() -> dict[str, str | Promise]:
    return dict(_labels)


_purposes: dict[str, str | Promise] = {}


def register_purposes(labels: Mapping[str, str | Promise]) -> None:
    """What people may look at people for; the room that has them says how they are called."""
    _purposes.update(labels)


def purpose(key: str) -> str | Promise:
    return _purposes.get(key, key)


def label(verb: str) -> str | Promise:
    """A verb nobody named shows as it is stored, so that nothing is hidden."""
    return _labels.get(verb, verb)
