"""Orders, their lines and what was bought."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from profiles.models.intake import intake_key
from profiles.models.person import Source, SourceRecord
from profiles.models.tag import Tag


class Product(models.Model):
    """Something sold: a show, a season ticket, a membership, a T-shirt.

    `external_id` is the source's id, or `name:` and the folded name where it has
    none. `starts_at` is the first and `ends_at` the last performance known.
    """

    class Kind(models.TextChoices):
        SHOW = "show", _("Show")
        SEASON_TICKET = "season_ticket", _("Season ticket")
        SUBSCRIPTION = "subscription", _("Subscription")
        MEMBERSHIP = "membership", _("Membership")
        GOODS = "goods", _("Goods")
        OTHER = "other", _("Other")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    external_id = models.TextField()
    name = models.TextField()
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.SHOW)
    venue = models.TextField(default="")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="product_source_key")]

    def __str__(self) -> str:
        return self.name


class OrderStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    PAID = "paid", _("Paid")
    CANCELLED = "cancelled", _("Cancelled")
    REFUNDED = "refunded", _("Refunded")
    EXPIRED = "expired", _("Expired")


class Order(models.Model):
    """One order. A refund is a change of status, never a deletion.

    Pending orders are kept; tags, counters and customer relations come from paid ones
    only. `total` is the source's own, else the sum of its lines. `complete` orders were
    told whole, so their status is the source's word; else it follows from the lines.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    external_id = models.TextField()
    # Indexed by default: a person's orders, through the person's records.
    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, null=True)
    status = models.CharField(max_length=10, choices=OrderStatus)
    ordered_at = models.DateTimeField()
    currency = models.CharField(max_length=3, default="")
    total = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    channel = models.TextField(default="")
    payment_type = models.TextField(default="")
    complete = models.BooleanField(default=False)
    first_intake = intake_key()
    intake = intake_key()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="order_source_key")]
        indexes = [
            # Search by order number, whichever source it is from.
            models.Index(fields=["external_id"], name="order_number"),
            # Daily counts of the days a delivery touched.
            models.Index(fields=["ordered_at"], name="order_day"),
        ]

    def __str__(self) -> str:
        return self.external_id


class OrderLine(models.Model):
    """One ticket or article. `key` is its id within the order. An empty status means
    the order's own."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, db_index=False)
    key = models.TextField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    status = models.CharField(max_length=10, choices=OrderStatus, default="", blank=True)
    starts_at = models.DateTimeField(null=True)
    venue = models.TextField(default="")
    category = models.TextField(default="")
    price_type = models.TextField(default="")
    quantity = models.IntegerField(default=1)
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    fee = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    section = models.TextField(default="")
    row = models.TextField(default="")
    seat = models.TextField(default="")
    barcode = models.TextField(default="")
    campaign = models.TextField(default="")
    first_intake = intake_key()
    intake = intake_key()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "key"], name="line_order_key")]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.key}"


class OrderVersion(models.Model):
    """Values an order had before a later delivery replaced them (see RecordVersion)."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    intake = intake_key()
    values = models.JSONField()
    superseded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "intake"], name="order_version_once")]

    def __str__(self) -> str:
        return f"{self.order_id}@{self.intake_id}"


class LineVersion(models.Model):
    """Values a line had before a later delivery replaced them (see RecordVersion)."""

    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE)
    intake = intake_key()
    values = models.JSONField()
    superseded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "intake"], name="line_version_once")]

    def __str__(self) -> str:
        return f"{self.line_id}@{self.intake_id}"


class SalesFact(models.Model):
    """What is left of sales when nobody is to be known as their buyer any more: sums, never lowered.

    Tickets for one performance sold on one day (UTC) in one price band: `price_from` is
    the band's lower end, in `currency`. An order counts where its first line does. No name,
    seat, number or time of day.
    """

    pk = models.CompositePrimaryKey("source_id", "day", "product_id", "performance", "price_from", "currency")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, related_name="+")
    day = models.DateField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    performance = models.DateField(help_text=_("1900-01-01 where none is known."))
    price_from = models.IntegerField()
    currency = models.CharField(max_length=3, default="", blank=True)
    orders = models.PositiveIntegerField(default=0)
    tickets = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day} {self.product_id}: {self.tickets}"
