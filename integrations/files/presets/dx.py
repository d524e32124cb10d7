"""DX (ebillett): the sales report, with a title above the header and a sum below the rows."""

from django.utils.translation import gettext_lazy as _

from integrations.files.presets.base import Col, PresetMapping, Sample
from integrations.files.samples.cells import STATUS_NO, comma, dotted_time, guarded, spoken
from integrations.files.samples.people import Ticket
from integrations.files.spec import Options


def _agreed(t: Ticket) -> str:
    return spoken(t.buyer.newsletter, "Samtykke", "Ikke samtykke")


PRESET = PresetMapping(
    slug="dx",
    name="DX",
    help=_("Sales report of DX and ebillett, one row per ticket (CSV)."),
    pattern="*.csv",
    options=Options(rows="tickets"),
    sample=Sample(
        "dx.csv", "utf-8-sig",
        titles=("Salgsrapport DX", "Periode: 15.10.2026 - 24.11.2026", ""),
        footer=("Sum" + "|" * 8 + "{sum}" + "|" * 12, "", "Generert av DX 24.11.2026, {rows} billetter"),
    ),
    columns=(
        Col("Bestillingsnr", "order.number", lambda t: t.order, ("Bestillingsnummer",)),
        Col("Bestilt", "order.date", lambda t: dotted_time(t.sold), ("Salgstidspunkt",)),
        Col("Billettnr", "ticket.id", lambda t: t.number, ("Billettnummer",)),
        Col("Forestilling", "ticket.event_name", lambda t: t.show.title),
        Col("Forestillingsdato", "ticket.event_date", lambda t: dotted_time(t.show.starts)),
        Col("Spillested", "ticket.venue", lambda t: t.show.venue),
        Col("Sal", "ticket.hall", lambda t: t.show.hall),
        Col("Billettype", "ticket.price_type", lambda t: t.price_type),
        Col("Plass", "ticket.seat", lambda t: f"Rad {t.row} sete {t.seat}"),
        Col("Billettpris", "ticket.price", lambda t: f"{comma(t.price)}"),
        Col("Billettstatus", "ticket.status", lambda t: STATUS_NO[t.status], ("Status",)),
        Col("Betalt med", "order.payment", lambda t: t.payment),
        Col("Kunde", "buyer.full_name", lambda t: f"{t.buyer.given} {t.buyer.family}", ("Kundenavn",)),
        Col("Epost", "buyer.email", lambda t: t.buyer.email, ("E-post",)),
        Col("Telefon", "buyer.phone", lambda t: guarded(t.buyer.phone)),
        Col("Gateadresse", "buyer.street", lambda t: t.buyer.street),
        Col("Postnr", "buyer.postal_code", lambda t: t.buyer.postal_code, ("Postnummer",)),
        Col("Sted", "buyer.city", lambda t: t.buyer.city, ("Poststed",)),
        Col("Kampanjekode", "ticket.campaign", lambda t: "HØST20" if t.number % 17 == 0 else ""),
        Col("Samtykke nyhetsbrev", "consent.answer", _agreed),
        Col("Reservert mot reklame", "consent.answer", lambda t: "X" if t.buyer.opt_out else ""),
    ),
)  # fmt: skip
