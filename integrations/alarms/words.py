"""An alarm in one or two sentences: numbers and names of connections, never of people."""

from __future__ import annotations

from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from integrations.alarms.judge import Finding
from integrations.models import Connection


def sentence(connection: Connection, finding: Finding) -> str:
    values: dict[str, Any] = {"name": connection.name, **finding.numbers}
    if "date" in values:
        values["date"] = formats.date_format(values["date"], "DATE_FORMAT")
    if values.get("usual") is not None:
        values["usual"] = round(float(values["usual"]))
    return _template(finding) % values


def _template(finding: Finding) -> str:
    if finding.kind == "empty" and finding.numbers["usual"] is None:
        return _("%(name)s delivered nothing on %(date)s.")
    return {
        "late": _("%(name)s has not delivered for %(date)s."),
        "empty": _("%(name)s delivered nothing on %(date)s; %(usual)s rows are usual on that weekday."),
        "small": _("%(name)s delivered %(read)s rows on %(date)s; %(usual)s are usual on that weekday."),
        "held": _("%(name)s: %(held)s of %(read)s rows of %(date)s were set aside. Look at them."),
        "waiting": _("%(name)s: %(reason)s"),
        "sources": _("%(name)s went ahead without %(missing)s, which had not come after an hour."),
    }[finding.kind]
