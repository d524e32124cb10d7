"""What a page that shows a form remembers, without a cookie: signed, in a hidden field.

It names the version that was shown, so that an answer is to the words that stood there, also when
another version went live meanwhile.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.core import signing

from cdp.lib import clock
from cdp.lib.tenancy import current_schema
from consent.collecting import serving
from consent.collecting.serving import Served
from consent.experiments.assignment import Assigned, unit_hash
from consent.models import ConsentForm, Experiment

GOOD_FOR = timedelta(days=1)
MOST_UNIT = 80
SORTS = ("basket", "view")
"""Units a page may name. Who somebody is, an embedding page cannot tell us in an address."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """`page` is the address of the page that shows the form, `shown_at` when it did."""

    served: Served
    shown_at: datetime
    page: str = field(repr=False)

    @property
    def order_ref(self) -> str:
        sort, _colon, name = self.served.unit.partition(":")
        return name if sort == "basket" else ""


def unit_of(asked: str) -> str:
    """The embedder's basket, else one showing of the page."""
    name = "".join(each for each in asked if each.isprintable())[:MOST_UNIT].strip()
    return f"basket:{name}" if name else f"view:{secrets.token_urlsafe(12)}"


def write(served: Served, page: str) -> str:
    assigned = served.assigned
    facts = {
        "f": served.form.pk,
        "v": served.version.pk,
        "e": assigned.experiment.pk if assigned and assigned.experiment else None,
        "a": assigned.variant if assigned else "",
        "u": served.unit,
        "l": served.locale,
        "t": int(clock.now().timestamp()),
        "p": page,
    }
    return signing.dumps(facts, salt=_salt())


def read(text: str, form: ConsentForm) -> Ticket | None:
    """None for what was not written here, for this form, within a day."""
    try:
        facts = signing.loads(text, salt=_salt(), max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    version = form.versions.filter(pk=facts["v"]).first() if facts["f"] == form.pk else None
    if version is None:
        return None
    test = Experiment.objects.filter(pk=facts["e"]).first() if facts["e"] else None
    assigned = Assigned(version, test, facts["a"], unit_hash(form, facts["u"]))
    plain = serving.of_version(form, version, facts["l"])
    served = Served(form, version, plain.spec, plain.texts, plain.locale, facts["u"], assigned)
    return Ticket(served, datetime.fromtimestamp(facts["t"], UTC), facts["p"])


def _salt() -> str:
    return f"consent form {current_schema()}"
