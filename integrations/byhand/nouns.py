"""The three kinds of table, and how an uploaded row of each reads in Foyer's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.byhand.resources import Answers, Orders, People, Permissions, TableResource
from profiles.rows import (
    Answer,
    CanonicalRow,
    ConsentClaim,
    Hold,
    LineRow,
    OrderRow,
    OrderStatus,
    PersonRow,
)


@dataclass(frozen=True, slots=True)
class Cells:
    """A row's cleaned values by column, and what could not be read."""

    values: Mapping[str, Any]
    holds: tuple[Hold, ...]
    zone: dt.tzinfo

    def text(self, name: str) -> str:
        return str(self.values.get(name) or "")

    def moment(self, name: str) -> dt.datetime | None:
        """Aware; a time without a zone is the organisation's."""
        value = self.values.get(name)
        if value is None or timezone.is_aware(value):
            return cast("dt.datetime | None", value)
        return timezone.make_aware(value, self.zone)


Build = Callable[[Cells, str], CanonicalRow]


@dataclass(frozen=True, slots=True)
class Noun:
    """`incoming` are an upload's columns, `outgoing` a download's."""

    slug: str
    label: str | Promise
    help: str | Promise
    incoming: type[TableResource]
    outgoing: type[TableResource]
    build: Build = field(repr=False)

    def columns(self) -> list[str]:
        return cast("list[str]", self.incoming().get_export_headers())

    def read(self, raw: Mapping[str, Any], number: int, point: str, zone: dt.tzinfo) -> CanonicalRow:
        """Bad cells are held; the rest of the row goes on."""
        cells = clean(self.incoming(), raw, zone)
        row = self.build(cells, point)
        return CanonicalRow(
            number=number,
            raw=raw,
            key=row.key,
            buyer=row.buyer,
            order=row.order,
            claims=row.claims,
            holds=cells.holds,
            fatal=row.fatal,
        )


def clean(resource: TableResource, raw: Mapping[str, Any], zone: dt.tzinfo) -> Cells:
    values: dict[str, Any] = {}
    holds = []
    for column in resource.get_import_fields():
        name = column.column_name
        if name in raw:
            try:
                values[name] = column.clean(raw)
            except (ValueError, ArithmeticError) as error:
                holds.append(Hold(name, str(raw[name]), "unreadable", str(error)))
    return Cells(values, tuple(holds), zone)


def person(cells: Cells) -> PersonRow:
    return PersonRow(
        external_id=cells.text("customer_number"),
        given_name=cells.text("given_name"),
        family_name=cells.text("family_name"),
        full_name=cells.text("name"),
        company=cells.text("company"),
        email=cells.text("email"),
        phone=cells.text("phone"),
        street=cells.text("street"),
        postal_code=cells.text("postal_code"),
        city=cells.text("city"),
        country=cells.text("country"),
        birth_date=cells.values.get("birth_date"),
        gender=cells.text("gender"),
        language=cells.text("language"),
    )


def build_person(cells: Cells, _point: str) -> CanonicalRow:
    return CanonicalRow(number=0, raw={}, buyer=person(cells))


def build_order(cells: Cells, _point: str) -> CanonicalRow:
    number = cells.text("order_number")
    if not number:
        return CanonicalRow(number=0, raw={}, fatal=_("The order number is missing."))
    price: Decimal | None = cells.values.get("price")
    line = LineRow(
        product_name=cells.text("product"),
        starts_at=cells.moment("starts_at"),
        price_type=cells.text("price_type"),
        quantity=int(cells.values.get("quantity") or 1),
        price=price,
    )
    order = OrderRow(
        external_id=number,
        ordered_at=cells.moment("ordered_at"),
        status=cast(OrderStatus, cells.text("status") or "paid"),
        currency=cells.text("currency"),
        lines=(line,) if line.product_name else (),
    )
    return CanonicalRow(number=0, raw={}, buyer=person(cells), order=order)


def build_permission(cells: Cells, point: str) -> CanonicalRow:
    """A row about somebody who need not be a customer: an answer makes no customer relation."""
    who = PersonRow(
        is_customer=False,
        full_name=cells.text("name"),
        email=cells.text("email"),
        phone=cells.text("phone"),
    )
    answer = cast(Answer, cells.values.get("answer", "unreadable"))
    claim = ConsentClaim(point=point, answer=answer, occurred_at=cells.moment("answered_at"))
    return CanonicalRow(number=0, raw={}, buyer=who, claims=(claim,))


NOUNS = {
    noun.slug: noun
    for noun in (
        Noun(
            "people",
            gettext_lazy("People"),
            gettext_lazy("Names, addresses, numbers. One row per person."),
            People,
            People,
            build_person,
        ),
        Noun(
            "orders",
            gettext_lazy("Orders"),
            gettext_lazy("What was bought, and by whom. One row per ticket or article."),
            Orders,
            Orders,
            build_order,
        ),
        Noun(
            "permissions",
            gettext_lazy("Permissions"),
            gettext_lazy("What people answered when they were asked. One row per answer."),
            Permissions,
            Answers,
            build_permission,
        ),
    )
}
