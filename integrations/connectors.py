"""What a connector is, and the list of them.

A connector is one folder and one class. It describes its configuration as typed fields and
does three things: `check`, read (`pull` and `to_row`), and, for destinations, `plan` and `apply`.
It knows nothing of leases, retries or parcels: the engine in `integrations.runs` owns those.
docs/how-to/add-a-connector.md walks through a whole one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from integrations import rawrows
from integrations.errors import ConfigurationError
from integrations.rawrows import Raw
from organisations.personal_data import FeedField

if TYPE_CHECKING:
    from django.http import HttpRequest

    from integrations.models import Connection, Run, WebhookDelivery
    from profiles.rows import CanonicalRow

__all__ = ["CONNECTORS", "Connector", "Field", "Page", "Preset", "Progress", "Raw", "Written"]

CONNECTORS: tuple[str, ...] = (
    "integrations.files.connector.FileConnector",
    "integrations.pretix.connector.PretixConnector",
    "integrations.mailchimp.connector.MailchimpConnector",
    "integrations.sms.connector.SmsConnector",
    "integrations.byhand.connector.ByHandConnector",
)

Kind = Literal["text", "secret", "url", "integer", "boolean", "choice", "json"]


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a connection. Secret ones are stored encrypted and never shown again."""

    key: str
    label: str | Promise
    kind: Kind = "text"
    secret: bool = False
    required: bool = True
    default: Any = None
    help: str | Promise = ""
    choices: Sequence[tuple[str, str | Promise]] = ()
    only_if: Mapping[str, Collection[str]] = field(default_factory=dict)
    """{key of a choice: its values} for which the form shows this one; empty = always."""

    def applies(self, config: Mapping[str, Any]) -> bool:
        return all(config.get(key) in values for key, values in self.only_if.items())

    @property
    def is_address(self) -> bool:
        """Whether it says where the secrets are sent."""
        return self.kind == "url" or self.key == "host"


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready-made beginning, such as one ticketing system's export. `config` is what it fills in."""

    slug: str
    name: str | Promise
    help: str | Promise = ""
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as read, and where to go on after them. A page without rows may still move the cursor.

    `total` is how many rows the whole pull will bring, when the other side says so.
    """

    rows: Sequence[Raw]
    cursor: dict[str, Any]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What one unit of `plan` or `apply` did. `counts` are this unit's and are added to the step's."""

    finished: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A contact point (profiles.Identifier) that a destination was told about, and when last."""

    identifier_id: int
    at: datetime


_TOLD: Mapping[str, Sequence[str | Promise]] = {
    "people": (_("Name"), _("E-mail"), _("Phone"), _("Postal address"), _("Customer number")),
    "orders": (_("Orders"), _("Tickets and seats"), _("Prices"), _("Order status")),
    "events": (_("Visits and clicks"),),
    "claims": (_("Yes or no to being contacted"),),
}
TELLS = {noun: tuple(FeedField("", label) for label in labels) for noun, labels in _TOLD.items()}
"""What a system that is read may tell, where it says nothing more exact itself."""


class Connector(ABC):
    """One kind of system. Made anew for every unit of work, so it keeps nothing between calls."""

    slug: ClassVar[str]
    name: ClassVar[str | Promise]
    about: ClassVar[str | Promise] = ""
    """One sentence under its name where a system is chosen."""
    offered: ClassVar[bool] = True
    """False for one that people do not set up themselves."""
    docs: ClassVar[str]
    """Path of its documentation page, for example `docs/connectors/pretix.md`."""
    reads: ClassVar[frozenset[str]] = frozenset()
    """Which canonical things it reads: people, orders, events, claims."""
    writes: ClassVar[frozenset[str]] = frozenset()
    """What it writes to the other side. Not empty = a destination: its runs also plan and push."""
    rate_limit: ClassVar[str | Promise] = ""
    fields: ClassVar[tuple[Field, ...]] = ()
    icon: ClassVar[str] = "plug"
    source_kind: ClassVar[str] = "ticketing"
    """`profiles.Source.Kind` that a new connection suggests."""
    presets: ClassVar[tuple[Preset, ...]] = ()
    begins_at: ClassVar[str] = ""
    """Which of `pages` a new connection leads to, because it can do nothing before; "" = its own."""
    pages: ClassVar[tuple[tuple[str | Promise, str], ...]] = ()
    """Further pages of a connection, as (label, url name that takes its slug)."""
    receives_webhooks: ClassVar[bool] = False
    recipient: ClassVar[tuple[str, str]] = ("", "")
    """Destinations: who gets what is written, by name, and the code of the country they are in."""

    do_not_call_in_templates: ClassVar[bool] = True
    """Templates show the class itself; without this Django would make one."""

    run: Run | None = None
    """The run this is working for, set by the engine; None while checking or previewing."""

    @classmethod
    def comes_by_itself(cls, config: Mapping[str, Any]) -> bool:
        """Whether there is something to fetch in the morning. What only people bring has no schedule,
        and nothing that could be late."""
        return True

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @abstractmethod
    def check(self) -> None:
        """Try the settings against the other side; raises `ConfigurationError` in plain words."""

    @abstractmethod
    def pull(self, cursor: dict[str, Any]) -> Iterator[Page]:
        """Pages after `cursor` ({} = from the beginning), until there is no more.

        The engine may stop after any page and call again with that page's cursor, in another
        process, so a cursor is a JSON object that alone says where to go on. The last page's
        cursor is where the next run begins.
        """

    @abstractmethod
    def to_row(self, raw: Raw, number: int) -> CanonicalRow:
        """One row in Foyer's words. Pure: no query, no HTTP. `Rejected` sets the row aside as failed."""

    def reading(self) -> str:
        """Names how rows are read, such as a mapping's version: when it changes, rows that look the
        same are judged again."""
        return ""

    def cells(self, raw: Raw) -> dict[str, str]:
        """A row as a person reads and corrects it: column name → text."""
        return rawrows.cells(raw)

    def with_cells(self, raw: Raw, changes: Mapping[str, str]) -> Raw:
        """The row with some cells corrected; names are those of `cells`."""
        return rawrows.with_cells(raw, changes)

    def column_for(self, field: str) -> str:
        """Which of `cells` a canonical field (email, phone, birth_date …) was read from; "" if unknown."""
        return ""

    def data_map(self) -> Sequence[FeedField]:
        """Every field that comes in, for the data map; by default all that such a system may tell."""
        return [field for noun in sorted(self.reads) for field in TELLS.get(noun, ())]

    def hands_out(self) -> Sequence[FeedField]:
        """Destinations: every field that they are given."""
        return ()

    def ingested(self, run: Run) -> None:  # noqa: B027 - few connectors have anything to do here
        """Called in the transaction that completes the ingest: the rows are in."""

    def named_erased(self, run: Run, numbers: Collection[int]) -> None:  # noqa: B027
        """These rows of the run (counted from 1) name somebody who was erased; Foyer's parcels hold them no
        more. A connector that keeps a copy of its own forgets them too, now or in `ingested`."""

    def released(self, run: Run) -> None:  # noqa: B027
        """Called when a run ends without its rows being in, or is undone: let go of what it claimed."""

    def plan(self, run: Run) -> Progress:
        """Destinations: one unit of working out what to write for this run. Called until finished."""
        raise NotImplementedError(f"{self.slug} writes nothing")

    def apply(self, run: Run) -> Progress:
        """Destinations: one batch of this run's plan. Called until finished; must bear being repeated."""
        raise NotImplementedError(f"{self.slug} writes nothing")

    def sent(self, run: Run) -> Mapping[str, int]:
        """Destinations: what this run has written so far, by kind, for the run page and for undo."""
        return {}

    def written(self, identifier_ids: Collection[int], since: datetime) -> Sequence[Written]:
        """Destinations: which of these contact points were written since then. Undo lists them."""
        return ()

    def webhook_key(self, request: HttpRequest) -> str:
        """The sender's own number of a delivery, by which a repeat is known. Called before the answer:
        no query, no HTTP. `Rejected` when the call is not from the sender or makes no sense."""
        raise NotImplementedError(f"{self.slug} receives no webhooks")

    def webhook_answer(self) -> tuple[str, str]:
        """What the sender is thanked with, and of which content type."""
        return "ok", "text/plain"

    def handle_webhook(self, delivery: WebhookDelivery) -> str:
        """What a stored delivery leads to, in one transaction, by a worker; no HTTP. Deliveries may
        overtake each other. Returns what came of it in a few words, for people."""
        raise NotImplementedError(f"{self.slug} receives no webhooks")

    def setting(self, key: str) -> Any:
        """The stored value of one field, secret or not, else its default."""
        declared = next(item for item in self.fields if item.key == key)
        stored = self.connection.secrets if declared.secret else self.connection.config
        return stored.get(key, declared.default)


@cache
def registry() -> dict[str, type[Connector]]:
    """Every connector class by slug. Resolved on first use: classes import models."""
    classes = [cast("type[Connector]", import_string(path)) for path in CONNECTORS]
    return {cls.slug: cls for cls in classes}


def is_destination(connection: Connection) -> bool:
    """False for a connector that is not there any more: its runs stop at the first step and say so."""
    cls = registry().get(connection.connector)
    return cls is not None and bool(cls.writes)


def connector_for(connection: Connection, run: Run | None = None) -> Connector:
    try:
        cls = registry()[connection.connector]
    except KeyError:
        raise ConfigurationError(f"There is no connector called {connection.connector!r}.") from None
    connector = cls(connection)
    connector.run = run
    return connector
