"""Ticketmaster: the ticket report of a Norwegian organiser, one row per ticket."""

from django.utils.translation import gettext_lazy as _

from integrations.files.presets.base import Col, PresetMapping, Sample
from integrations.files.samples.cells import (
    STATUS_NO,
    clock,
    comma,
    dotted,
    dotted_time,
    lost_zero,
    sms_rounded,
    spoken,
)
from integrations.files.spec import Options

LANDS = {"NO": "Norge", "DK": "Danmark", "SE": "Sverige", "DE": "Tyskland"}

PRESET = PresetMapping(
    slug="ticketmaster",
    name="Ticketmaster",
    help=_("Ticket report, one row per ticket (CSV)."),
    pattern="*.csv",
    options=Options(rows="tickets"),
    sample=Sample(
        "ticketmaster.csv", "cp1252",
        footer=("Totalt" + "|" * 11 + "{sum}" + "|" * 17,),
    ),
    columns=(
        Col("Ordrenummer", "order.number", lambda t: t.order, ("Order number", "Ordre nr")),
        Col("Kjøpsdato", "order.date", lambda t: dotted_time(t.sold), ("Order date", "Purchase date")),
        Col("Salgskanal", "order.channel", lambda t: t.channel, ("Sales channel",)),
        Col("Betalingsmåte", "order.payment", lambda t: t.payment),
        Col("Arrangementskode", "ticket.event_id", lambda t: t.show.code, ("Event code",)),
        Col("Arrangement", "ticket.event_name", lambda t: t.show.title, ("Event name",)),
        Col("Dato", "ticket.event_date", lambda t: dotted(t.show.starts), ("Event date",)),
        Col("Kl", "ticket.event_time", lambda t: clock(t.show.starts), ("Event time",)),
        Col("Spillested", "ticket.venue", lambda t: t.show.venue, ("Venue",)),
        Col("Priskategori", "ticket.category", lambda t: t.category),
        Col("Billettype", "ticket.price_type", lambda t: t.price_type, ("Price type",)),
        Col("Pris", "ticket.price", lambda t: comma(t.price), ("Price",)),
        Col("Avgift", "ticket.fee", lambda t: comma(t.fee), ("Fee",)),
        Col("Rad", "ticket.row", lambda t: t.row, ("Row",)),
        Col("Sete", "ticket.seat", lambda t: t.seat, ("Seat",)),
        Col("Strekkode", "ticket.barcode", lambda t: t.barcode, ("Barcode",)),
        Col("Status", "ticket.status", lambda t: STATUS_NO[t.status]),
        Col("Kundenr", "buyer.customer_id", lambda t: 400_000 + t.buyer.number, ("Customer number",)),
        Col("Fornavn", "buyer.given_name", lambda t: t.buyer.given, ("First name",)),
        Col("Etternavn", "buyer.family_name", lambda t: t.buyer.family, ("Last name",)),
        Col("E-post", "buyer.email", lambda t: t.buyer.email, ("Email",)),
        Col("Mobil", "buyer.mobile", sms_rounded, ("Mobile",)),
        Col("Adresse", "buyer.street", lambda t: t.buyer.street, ("Address",)),
        Col("Postnr", "buyer.postal_code", lambda t: lost_zero(t.buyer.postal_code), ("Zip",)),
        Col("Poststed", "buyer.city", lambda t: t.buyer.city, ("City",)),
        Col("Land", "buyer.country", lambda t: LANDS[t.buyer.country]),
        Col("Samtykke markedsføring", "consent.answer", lambda t: spoken(t.buyer.newsletter, "Ja", "Nei")),
        Col("Samtykke markedsføring SMS", "consent.answer", lambda t: spoken(t.buyer.sms, "Ja", "Nei")),
        Col("Fødselsnummer", "", lambda t: ""),
        Col("Rapport kjørt", "", lambda t: "24.11.2026"),
    ),
)  # fmt: skip
