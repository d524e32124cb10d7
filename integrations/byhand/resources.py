"""The columns of each kind of table, in and out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export import resources, widgets
from import_export.fields import Field

from consent.models import ContactAnswer
from profiles.models import OrderLine, Profile

STATUSES = ("pending", "paid", "cancelled", "refunded", "expired")
YES = {"yes", "y", "ja", "j", "1", "true"}
NO = {"no", "n", "nei", "nej", "nein", "nee", "0", "false"}
DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y")
TIMES = (
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
)


class Words(widgets.CharWidget):  # type: ignore[misc]
    """Text without the blanks around it. A whole number that a spreadsheet wrote as 123.0 is 123."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = "" if value is None else str(value).strip()
        return text[:-2] if text.endswith(".0") and text[:-2].isdecimal() else text


class OneOf(Words):
    def __init__(self, choices: tuple[str, ...]) -> None:
        super().__init__()
        self.choices = choices

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = super().clean(value, row).lower()
        if text and text not in self.choices:
            raise ValueError(_("Must be one of: %(choices)s.") % {"choices": ", ".join(self.choices)})
        return text


class YesNo(Words):
    """yes, no, or blank: an empty cell is no answer."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = super().clean(value, row).lower()
        if text and text not in YES | NO:
            raise ValueError(_("Must be yes or no."))
        return "yes" if text in YES else "no" if text in NO else "blank"


class Day(widgets.DateWidget):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.formats = DATES


class Moment(widgets.DateTimeWidget):  # type: ignore[misc]
    """A time without a zone stays without: `nouns.Cells` knows whose clock it is."""

    def __init__(self) -> None:
        super().__init__()
        self.formats = TIMES

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> dt.datetime | None:
        parsed: dt.datetime | None = self._parse_value(value, dt.datetime)
        return parsed

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Unmistakable, and readable by `clean`."""
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds") if value else ""


def text(name: str, path: str = "") -> Field:
    return Field(column_name=name, attribute=path or name, widget=Words())


def moment(name: str, path: str = "") -> Field:
    return Field(column_name=name, attribute=path or name, widget=Moment())


class TableResource(resources.Resource):  # type: ignore[misc]
    """A kind of table. `needed` are groups of columns, of which a file must have one each."""

    needed: ClassVar[tuple[tuple[str, ...], ...]] = ()

    def everything(self) -> QuerySet[Any]:
        """What a download holds. Whoever's data is locked (GDPR Art. 18) is not in it."""
        raise NotImplementedError

    def lines(self, zone: dt.tzinfo) -> Iterator[list[Any]]:
        """The download, header first, one row at a time; times on the clock of `zone`."""
        yield self.get_export_headers()
        for found in self.everything().iterator(chunk_size=2000):
            with timezone.override(zone):
                row = self.export_resource(found)
            yield row


class People(TableResource):
    needed = (("email", "phone", "customer_number"),)
    customer_number = text("customer_number", "public_id")
    given_name = text("given_name")
    family_name = text("family_name")
    name = text("name")
    company = text("company")
    email = text("email")
    phone = text("phone")
    street = text("street")
    postal_code = text("postal_code")
    city = text("city")
    country = text("country")
    birth_date = Field(column_name="birth_date", attribute="birth_date", widget=Day())
    gender = text("gender")
    language = text("language")

    def everything(self) -> QuerySet[Profile]:
        known = Profile.objects.unrestricted().filter(state=Profile.State.ACTIVE, is_visitor=False)
        return known.order_by("pk")


class Orders(TableResource):
    needed = (("order_number",),)
    order_number = text("order_number", "order__external_id")
    ordered_at = moment("ordered_at", "order__ordered_at")
    status = Field(column_name="status", attribute="order__status", widget=OneOf(STATUSES))
    name = text("name", "order__record__profile__name")
    email = text("email", "order__record__profile__email")
    phone = text("phone", "order__record__profile__phone")
    product = text("product", "product__name")
    starts_at = moment("starts_at")
    price_type = text("price_type")
    quantity = Field(column_name="quantity", attribute="quantity", widget=widgets.IntegerWidget())
    price = Field(column_name="price", attribute="price", widget=widgets.DecimalWidget())
    currency = text("currency", "order__currency")

    def everything(self) -> QuerySet[OrderLine]:
        related = ("order__record__profile", "product")
        lines = OrderLine.objects.exclude(order__record__profile__in=Profile.objects.restricted())
        return lines.select_related(*related).order_by("order_id", "pk")


class Permissions(TableResource):
    """In: what people answered at a collection point. Out it is another table, see `Answers`."""

    needed = (("email", "phone"), ("answer",))
    email = text("email")
    phone = text("phone")
    name = text("name")
    answer = Field(column_name="answer", attribute="answer", widget=YesNo())
    answered_at = moment("answered_at")


class Answers(TableResource):
    """What may be sent to whom, as decided last. Its columns are not those of an upload, so that a
    "may not" is never taken back in as a person's no."""

    contact = text("contact", "identifier__value")
    channel = text("channel")
    basket = text("basket")
    newsletter = text("newsletter")
    newsletter_reason = text("newsletter_reason")
    own_similar = text("own_similar")
    own_similar_reason = text("own_similar_reason")
    since = moment("since")

    def everything(self) -> QuerySet[ContactAnswer]:
        return (
            ContactAnswer.objects.unrestricted()
            .select_related("identifier")
            .order_by("identifier_id", "channel")
        )
