"""Whoever answers a form comes in through the front door, like everybody from any other source."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db import connection, transaction

from cdp.lib import clock
from consent import ledger
from consent.gather import House
from consent.models import ConsentForm
from consent.rules import CountryRules
from profiles import ingest, normalise
from profiles.models import Identifier, RecordIdentifier, SourceRecord
from profiles.rows import CanonicalRow, PersonRow


class NobodyToWriteTo(ValueError):
    """Neither the e-mail address nor the number is anybody's own (a placeholder, the house's own)."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What somebody wrote of themselves, already normalised (`read`)."""

    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Somebody:
    """The record that came of it and the contact points shown there, by kind."""

    record: SourceRecord
    identifiers: dict[str, Identifier]
    intake_id: int
    country: str

    def contact(self, channel: str) -> Identifier | None:
        """Where this channel reaches them."""
        return self.identifiers.get("email" if channel == "email" else "phone")

    @property
    def reached(self) -> Identifier:
        """Their e-mail address, else their number."""
        return self.identifiers.get("email") or self.identifiers["phone"]


def read(email: str, phone: str, country: str) -> Contact:
    """Normalised as every source's values are. Raises `profiles.normalise.Unusable`."""
    return Contact(email=normalise.email(email), phone=normalise.phone(phone, country))


def bring_in(form: ConsentForm, contact: Contact, unit: str) -> Somebody:
    """One answer is one delivery of the form's source: undoing it takes back this answer alone.

    In the caller's transaction, which waits for the disk: the way in does not, for its
    chunks can be taken in again, and what a visitor said cannot.
    """
    source = form.point.source
    assert source is not None  # made with the form
    intake = ingest.open_intake(source=source, label=form.key)
    said = PersonRow(
        is_customer=False,
        observed_at=clock.now(),
        email=contact.email,
        phone=contact.phone,
        full_name=contact.name,
        birth_date=contact.birth_date,
        language=contact.language,
    )
    raw = {"email": contact.email, "phone": contact.phone, "name": contact.name, "unit": unit}
    row = CanonicalRow(number=1, raw=raw, key=f"{unit}|{contact.email}|{contact.phone}", buyer=said)
    ingest.ingest(intake=intake, rows=[row], permit=ledger.record_claims)
    ingest.close_intake(intake=intake)
    _wait_for_the_disk()
    return _found(contact, source.pk, intake.pk)


def _wait_for_the_disk() -> None:
    if transaction.get_connection().in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("set local synchronous_commit = on")


def _found(contact: Contact, source_id: int, intake_id: int) -> Somebody:
    shown = RecordIdentifier.objects.filter(
        record__source=source_id,
        identifier__kind__in=["email", "phone"],
        identifier__namespace="",
        identifier__value__in=[value for value in (contact.email, contact.phone) if value],
    ).select_related("identifier", "record__profile", "record__source")
    links = {link.identifier.kind_id: link for link in shown.order_by("record__observed_at", "record_id")}
    if not links:
        raise NobodyToWriteTo
    record = (links.get("email") or links["phone"]).record
    identifiers = {kind: link.identifier for kind, link in links.items()}
    country = record.profile.country or record.country or record.source.country
    return Somebody(record, identifiers, intake_id, country)


def rules_of(somebody: Somebody, house: House) -> CountryRules:
    """The rules for them: the stricter of their country's and ours."""
    return house.rules.for_country(somebody.country)
