"""The same rows through django-import-export: one resource, its usual row by row."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path
from typing import Any

import tablib
from import_export import fields, resources

from profiles import normalise
from profiles.models import Intake, Order, OrderLine, Product, Profile, Source, SourceRecord


class TicketResource(resources.ModelResource):  # type: ignore[misc]
    """A ticket row: its buyer, order and product are got or made, then the line is saved."""

    key = fields.Field(attribute="key", column_name="barcode")
    seat = fields.Field(attribute="seat", column_name="seat")
    row = fields.Field(attribute="row", column_name="row")
    price = fields.Field(attribute="price", column_name="price")
    order_id = fields.Field(attribute="order_id", column_name="order_id")
    product_id = fields.Field(attribute="product_id", column_name="product_id")
    intake_id = fields.Field(attribute="intake_id", column_name="intake_id")
    first_intake_id = fields.Field(attribute="first_intake_id", column_name="intake_id")

    class Meta:
        model = OrderLine
        import_id_fields = ("order_id", "key")
        fields = ("order_id", "key", "product_id", "price", "row", "seat", "intake_id", "first_intake_id")
        skip_diff = True

    def __init__(self, source: Source, intake: Intake) -> None:
        super().__init__()
        self.source, self.intake = source, intake

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        order = Order.objects.get_or_create(
            source=self.source,
            external_id=row["order_no"],
            defaults={"record": self._record(row), "status": row["status"], "ordered_at": row["purchased"],
                      "currency": "NOK", **self._intakes()},
        )[0]  # fmt: skip
        product = Product.objects.get_or_create(
            source=self.source, external_id=row["event_id"], defaults={"name": row["event"]}
        )[0]
        row.update(order_id=order.pk, product_id=product.pk, intake_id=self.intake.pk)

    def _record(self, row: Any) -> SourceRecord:
        known = SourceRecord.objects.filter(source=self.source, external_id=row["customer_id"]).first()
        if known:
            return known
        email, phone = normalise.email(row["email"]), normalise.phone(row["phone"], "NO")
        profile = Profile.objects.create(
            name=f"{row['first_name']} {row['last_name']}", email=email, phone=phone
        )
        return SourceRecord.objects.create(
            source=self.source, external_id=row["customer_id"], profile=profile, first_profile=profile,
            given_name=row["first_name"], family_name=row["last_name"], email=email, phone=phone,
            observed_at=row["purchased"], **self._intakes(),
        )  # fmt: skip

    def _intakes(self) -> dict[str, int]:
        return {"intake_id": self.intake.pk, "first_intake_id": self.intake.pk}


def load(path: Path, source: Source, intake: Intake, rows: int) -> None:
    """Imports the first `rows` rows of the file; raises on the first error."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=";")
        dataset = tablib.Dataset(headers=next(reader))
        for cells in islice(reader, rows):
            dataset.append(cells)
    for header in ("order_id", "product_id", "intake_id"):
        dataset.append_col([""] * len(dataset), header=header)
    TicketResource(source, intake).import_data(dataset, raise_errors=True)
