"""Two small connectors against `tests.fakes.till`: one that reads, one that also writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

from integrations.connectors import Connector, Field, Page, Progress, Raw
from integrations.errors import Rejected
from integrations.http import Http, Limits
from integrations.models import Run, Step
from profiles.models import Profile
from profiles.rows import CanonicalRow, LineRow, OrderRow, PersonRow

IMPATIENT = Limits(connect=1, read=0.5, whole=2, tries=1)
BATCH = 4


class TillConnector(Connector):
    slug = "till"
    name = "Till"
    docs = "docs/how-to/add-a-connector.md"
    reads: ClassVar[frozenset[str]] = frozenset({"people", "orders"})
    rate_limit = "none"
    fields = (
        Field("address", "Address", kind="url"),
        Field("key", "Key", kind="secret", secret=True),
        Field("page_size", "Rows per page", kind="integer", default=10, required=False),
    )

    def http(self) -> Http:
        return Http(self.setting("address"), headers={"x-key": self.setting("key")}, limits=IMPATIENT)

    def check(self) -> None:
        with self.http() as http:
            http.get("/sales", {"after": 0, "limit": 1})

    def pull(self, cursor: dict[str, Any]) -> Iterator[Page]:
        after, more = cursor.get("after", 0), True
        with self.http() as http:
            while more:
                answer = http.get("/sales", {"after": after, "limit": self.setting("page_size")}).data
                after, more = answer["after"], answer["more"]
                yield Page(answer["sales"], {"after": after})

    def to_row(self, raw: Raw, number: int) -> CanonicalRow:
        assert isinstance(raw, dict)
        if raw.get("show") == "refused":
            raise Rejected("This show is not ours.")
        bought = dt.datetime.fromisoformat(raw["bought"])
        line = LineRow(product_name=raw["show"], price=Decimal(raw["price"]), starts_at=bought)
        return CanonicalRow(
            number=number,
            raw=raw,
            key=str(raw["id"]),
            buyer=PersonRow(full_name=raw["name"], email=raw["email"], observed_at=bought),
            order=OrderRow(raw["order"], ordered_at=bought, currency="NOK", lines=(line,)),
        )


class LetterBoxConnector(TillConnector):
    """Writes the name of everybody to the till, four at a time."""

    slug = "letter_box"
    name = "Letter box"
    writes: ClassVar[frozenset[str]] = frozenset({"contacts"})

    def plan(self, run: Run) -> Progress:
        return Progress(finished=True, counts={"add": len(self._names())}, total=len(self._names()))

    def apply(self, run: Run) -> Progress:
        done = run.steps.get(name=Step.PUSH).done
        batch = self._names()[done : done + BATCH]
        with self.http() as http:
            http.post("/letters", json={"batch": f"{run.pk}/{done}", "contacts": batch})
        finished = done + len(batch) >= len(self._names())
        return Progress(finished=finished, counts={"sent": len(batch)}, total=len(self._names()))

    def _names(self) -> list[str]:
        return list(Profile.objects.order_by("pk").values_list("name", flat=True))
