"""An order or a customer of pretix in Foyer's words. Pure: no query, no HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from integrations.errors import Rejected
from profiles.rows import Answer, CanonicalRow, ConsentClaim, Hold, LineRow, OrderRow, OrderStatus, PersonRow

Json = dict[str, Any]

STATUSES: dict[str, OrderStatus] = {"n": "pending", "p": "paid", "e": "expired", "c": "cancelled"}
ANSWERS: dict[str, Answer] = {"True": "yes", "False": "no", "": "blank"}


def customer_row(raw: Json, number: int) -> CanonicalRow:
    customer = _object(raw.get("customer"), _("The customer cannot be read."))
    identifier = text(customer.get("identifier"))
    if not identifier:
        raise Rejected(_("The customer has no customer number."))
    other = text(customer.get("external_identifier"))
    person = PersonRow(
        external_id=identifier,
        observed_at=_moment(customer.get("last_modified")),
        email=text(customer.get("email")),
        phone=text(customer.get("phone")),
        language=text(customer.get("locale")),
        attributes={"external_identifier": other} if other else {},
    )
    buyer = _named(person, customer.get("name"), customer.get("name_parts"))
    return CanonicalRow(number=number, raw=raw, key=f"customer {identifier}", buyer=buyer)


def order_row(raw: Json, number: int, points: Mapping[str, str]) -> CanonicalRow:
    """`points` maps the identifier of a question to the key of a collection point."""
    order = _object(raw.get("order"), _("The order cannot be read."))
    code = text(order.get("code"))
    ordered_at = _moment(order.get("datetime"))
    if not code or ordered_at is None:
        raise Rejected(_("The order has no order code or no date."))
    positions = _positions(order)
    holds: list[Hold] = []
    buyer = _buyer(order, positions, ordered_at)
    return CanonicalRow(
        number=number,
        raw=raw,
        key=f"order {code}",
        buyer=buyer,
        attendees=tuple(_attendees(positions, buyer.email, ordered_at)),
        order=_order(raw, order, positions, ordered_at, holds),
        claims=tuple(_claims(order, positions, buyer.email, ordered_at, points)),
        holds=tuple(holds),
    )


# --- the people ------------------------------------------------------------------------------------


def _buyer(order: Json, positions: list[Json], ordered_at: dt.datetime) -> PersonRow:
    """Name and address come from the invoice address, else from the buyer's own ticket.

    `observed_at` is when the buyer typed them. The order's own time of change would let a refund
    of an old order bring an old address back.
    """
    invoice = order.get("invoice_address") or {}
    email = text(order.get("email"))
    own = invoice if text(invoice.get("name")) else _own_ticket(positions, email)
    place = invoice if text(invoice.get("street")) or text(invoice.get("city")) else own
    typed = [ordered_at, _moment(invoice.get("last_modified")) or ordered_at]
    person = PersonRow(
        external_id=text(order.get("customer")),
        observed_at=max(typed),
        company=text(invoice.get("company")),
        email=email,
        phone=text(order.get("phone")),
        language=text(order.get("locale")),
    )
    return _placed(_named(person, own.get("name") or own.get("attendee_name"), _parts(own)), place)


def _own_ticket(positions: list[Json], email: str) -> Json:
    """The ticket that bears the buyer's address, or the only name there is; {} when nobody can tell."""
    named = [each for each in positions if text(each.get("attendee_name"))]
    own = [each for each in named if _is_own(each, email) and text(each.get("attendee_email"))]
    alone = len({text(each["attendee_name"]) for each in named}) == 1 and _is_own(named[0], email)
    return own[0] if own else named[0] if alone else {}


def _is_own(position: Json, email: str) -> bool:
    return text(position.get("attendee_email")).lower() in ("", email.lower())


def _attendees(positions: list[Json], buyer: str, at: dt.datetime) -> list[PersonRow]:
    """Those with an address of their own: records without customer relation (CONSENT.md C26)."""
    return [
        _attendee(each, at) for each in positions if not _is_own(each, buyer) and not each.get("canceled")
    ]


def _attendee(position: Json, at: dt.datetime) -> PersonRow:
    person = PersonRow(
        is_customer=False,
        observed_at=at,
        email=text(position.get("attendee_email")),
        company=text(position.get("company")),
    )
    return _placed(_named(person, position.get("attendee_name"), _parts(position)), position)


def _parts(person: Json) -> Any:
    return person.get("name_parts") or person.get("attendee_name_parts")


def _named(person: PersonRow, name: Any, parts: Any) -> PersonRow:
    """Every naming scheme of pretix ends in given and family name, or in one whole name."""
    known = parts if isinstance(parts, dict) else {}
    return replace(
        person,
        given_name=text(known.get("given_name")),
        family_name=text(known.get("family_name")),
        full_name=text(name),
    )


def _placed(person: PersonRow, holder: Json) -> PersonRow:
    return replace(
        person,
        street=text(holder.get("street")),
        postal_code=text(holder.get("zipcode")),
        city=text(holder.get("city")),
        country=text(holder.get("country")),
    )


# --- the order -------------------------------------------------------------------------------------


def _order(
    raw: Json, order: Json, positions: list[Json], ordered_at: dt.datetime, holds: list[Hold]
) -> OrderRow:
    status = _status(order)
    fee = sum(
        (_money(each.get("value"), "fees.value", holds) or Decimal(0))
        for each in objects(order.get("fees"))
        if not each.get("canceled")
    )
    lines = [_line(raw, each, status, holds) for each in positions]
    return OrderRow(
        external_id=text(order.get("code")),
        ordered_at=ordered_at,
        status=status,
        currency=text((raw.get("event") or {}).get("currency")),
        total=_money(order.get("total"), "total", holds),
        channel=text(order.get("sales_channel")),
        payment_type=text(order.get("payment_provider")),
        lines=tuple(_with_fee(lines, fee)),
    )


def _status(order: Json) -> OrderStatus:
    """A cancelled order whose money went back is a refund."""
    status = STATUSES.get(text(order.get("status")))
    if status is None:
        raise Rejected(_("The order has a status that Foyer does not know."))
    back = [each for each in objects(order.get("refunds")) if each.get("state") == "done"]
    return "refunded" if status == "cancelled" and back else status


def _line(raw: Json, position: Json, status: OrderStatus, holds: list[Hold]) -> LineRow:
    seat = position.get("seat") or {}
    item = (raw.get("products") or {}).get(text(position.get("item"))) or {}
    variation = (item.get("variations") or {}).get(text(position.get("variation")), "")
    dropped = bool(position.get("canceled")) and status not in ("cancelled", "refunded")
    return LineRow(
        external_id=text(position.get("positionid")),
        price_type=" – ".join(part for part in (text(item.get("name")), variation) if part),
        price=_money(position.get("price"), "positions.price", holds),
        section=text(seat.get("zone_name")),
        row=text(seat.get("row_name")),
        seat=text(seat.get("seat_number")),
        status="cancelled" if dropped else "",
        **_product(raw, position, item),
    )


def _product(raw: Json, position: Json, item: Json) -> dict[str, Any]:
    """A ticket is for the event, or for the date in a series when that has a name of its own;
    everything else (a programme, a membership) is a product by itself."""
    event = raw.get("event") or {}
    date = (raw.get("subevents") or {}).get(text(position.get("subevent"))) or {}
    slug, number = text(event.get("slug")), text(position.get("item"))
    if item.get("membership") or item.get("admission") is False:
        kind = "membership" if item.get("membership") else "goods"
        name = text(item.get("name")) or number
        return {"product_id": f"{slug}/item/{number}", "product_name": name, "product_kind": kind}
    own_name = text(date.get("name"))
    is_own = own_name not in ("", text(event.get("name")))
    return {
        "product_id": f"{slug}/{text(position.get('subevent'))}" if is_own else slug,
        "product_name": own_name if is_own else text(event.get("name")) or slug,
        "starts_at": _moment(date.get("starts_at") or event.get("starts_at")),
        "venue": text(date.get("venue")) or text(event.get("venue")),
    }


def _with_fee(lines: list[LineRow], fee: Decimal | int) -> list[LineRow]:
    """Fees belong to the whole order; the first valid ticket carries them, so that sums agree."""
    if not fee:
        return lines
    bearer = next((line for line in lines if not line.status), None)
    return [replace(line, fee=Decimal(fee)) if line is bearer else line for line in lines]


# --- the permissions -------------------------------------------------------------------------------


def _claims(
    order: Json, positions: list[Json], email: str, at: dt.datetime, points: Mapping[str, str]
) -> list[ConsentClaim]:
    """What the buyer answered, on the first ticket that is the buyer's own; a friend's answer on
    another ticket is not the buyer's. A yes was said at the order. A no may have been given
    later, by changing the order, so it counts from the order's last change.
    """
    own = [each for each in positions if _is_own(each, email)]
    changed = _moment(order.get("last_modified")) or at
    claims = (_claim(own, question, point, at, changed) for question, point in points.items())
    code = text(order.get("code"))
    return [
        replace(claim, order_ref=code, source_event_id=f"{code}/{claim.source_event_id}")
        for claim in claims
        if claim
    ]


def _claim(
    own: list[Json], question: str, point: str, at: dt.datetime, changed: dt.datetime
) -> ConsentClaim | None:
    for position in own:
        said = _answer(position, question)
        if said is not None:
            answer = ANSWERS.get(said, "unreadable")
            number = text(position.get("positionid"))
            return ConsentClaim(
                point=point,
                answer=answer,
                occurred_at=changed if answer == "no" else at,
                source_event_id=f"{number}/{question}/{answer}",
            )
    return None


def _answer(position: Json, question: str) -> str | None:
    for each in objects(position.get("answers")):
        if text(each.get("question_identifier")) == question:
            return text(each.get("answer"))
    return None


# --- values ----------------------------------------------------------------------------------------


def _positions(order: Json) -> list[Json]:
    positions = order.get("positions")
    if not isinstance(positions, list) or len(objects(positions)) != len(positions):
        raise Rejected(_("The order has no list of tickets that can be read."))
    return objects(positions)


def objects(value: Any) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _object(value: Any, message: str) -> Json:
    if not isinstance(value, dict):
        raise Rejected(message)
    return value


def text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _moment(value: Any) -> dt.datetime | None:
    """An aware time, or None. pretix writes every time with its zone."""
    try:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _money(value: Any, column: str, holds: list[Hold]) -> Decimal | None:
    """pretix writes money as text with a point. Anything else is set aside."""
    if value is None:
        return None
    try:
        amount = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite():
        holds.append(Hold(column, text(value), "number_invalid", _("Not an amount of money.")))
        return None
    return amount
