import re
import zoneinfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from organisations.schemas import RESERVED_SCHEMA_NAMES


def validate_schema_name(value: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", value):
        raise ValidationError(_("Use small letters a to z, digits and _; begin with a letter; at most 41."))
    if value in RESERVED_SCHEMA_NAMES or value.startswith("pg_"):
        raise ValidationError(_("The name “%(name)s” is reserved."), params={"name": value})


def validate_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": value})
