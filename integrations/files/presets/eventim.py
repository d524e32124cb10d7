"""Eventim (Denmark): the customer report, one row per customer, saved by Excel as Unicode text."""

from django.utils.translation import gettext_lazy as _

from integrations.files.presets.base import Col, PresetMapping, Sample
from integrations.files.samples.cells import dotted, lost_zero, spoken
from integrations.files.spec import Options

PRESET = PresetMapping(
    slug="eventim",
    name="Eventim",
    help=_("Customer report, one row per customer (CSV or Unicode text)."),
    pattern="*",
    options=Options(rows="customers"),
    sample=Sample("eventim.txt", "utf-16", "\t"),
    columns=(
        Col("KundeID", "buyer.customer_id", lambda t: 90_000 + t.buyer.number, ("Kunde-ID",)),
        Col("Tiltale", "buyer.gender", lambda t: "Fru" if t.buyer.female else "Herr", ("Anrede", "Køn")),
        Col("Fornavn", "buyer.given_name", lambda t: t.buyer.given),
        Col("Efternavn", "buyer.family_name", lambda t: t.buyer.family, ("Etternavn",)),
        Col("Firma", "buyer.company", lambda t: t.buyer.company),
        Col("E-mail", "buyer.email", lambda t: t.buyer.email, ("E-post",)),
        Col("Mobil", "buyer.mobile", lambda t: t.buyer.phone.replace("+", "00")),
        Col("Adresse", "buyer.street", lambda t: t.buyer.street),
        Col("Postnr.", "buyer.postal_code", lambda t: lost_zero(t.buyer.postal_code)),
        Col("By", "buyer.city", lambda t: t.buyer.city, ("Poststed",)),
        Col("Land", "buyer.country", lambda t: t.buyer.country),
        Col("Fødselsdato", "buyer.birth_date", lambda t: dotted(t.buyer.born) if t.buyer.number % 3 else ""),
        Col("Interesser", "buyer.attribute", lambda t: "Teater, Konsert" if t.buyer.number % 4 == 0 else ""),
        Col("Sidst ændret", "buyer.updated_at", lambda t: f"{dotted(t.sold)} 04:00", ("Senest ændret",)),
        Col("Nyhedsbrev", "consent.answer", lambda t: spoken(t.buyer.newsletter, "1", "0")),
        Col("Samtykkedato", "consent.date", lambda t: "12.03.2025" if t.buyer.newsletter == "yes" else ""),
        Col("Tilladelse aktiviteter SMS", "consent.answer", lambda t: spoken(t.buyer.sms, "1", "0")),
    ),
    moment="date",
)  # fmt: skip
