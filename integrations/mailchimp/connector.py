"""Mailchimp: an audience is kept as the ledger says, and is itself a source of who is in the newsletter.

`pulling` reads members, `plans` works out what should be different, `push` writes it batch by batch,
`hearing` understands webhooks. docs/how-to/mailchimp.md is the way to set one up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connectors import Connector, Field, Page, Progress, Raw, Written
from integrations.erasing import deliveries
from integrations.errors import ConfigurationError, Rejected
from integrations.mailchimp import buried, hearing, plans, pulling, setup
from integrations.mailchimp.after_ingest import settle
from integrations.mailchimp.client import Refused
from integrations.mailchimp.models import AudienceMember, ItemState, PlanItem
from integrations.mailchimp.settings import TAG_DAYS, TAG_RULE, AudienceSettings
from integrations.models import Run, WebhookDelivery
from organisations.personal_data import FeedField
from profiles.rows import CanonicalRow, ConsentClaim, PersonRow

Json = dict[str, Any]


GIVEN: tuple[FeedField, ...] = (
    FeedField("email_address", gettext_lazy("E-mail")),
    FeedField("FNAME", gettext_lazy("First name")),
    FeedField("LNAME", gettext_lazy("Last name")),
    FeedField("BASKET", gettext_lazy("What they may be sent")),
    FeedField("LASTBUY", gettext_lazy("Last purchase")),
    FeedField("ORDERS", gettext_lazy("Number of orders")),
    FeedField("tags", gettext_lazy("Shows they have tickets for")),
)


class MailchimpConnector(Connector):
    slug = "mailchimp"
    name = "Mailchimp"
    about = gettext_lazy("Keeps an audience as the permissions say, and hears who has left it.")
    docs = "docs/how-to/mailchimp.md"
    reads = frozenset({"people", "claims"})
    writes = frozenset({"contacts", "tags", "permissions"})
    rate_limit = gettext_lazy("10 calls at once per account over all programs; Foyer takes at most 7.")
    icon = "mail"
    source_kind = "newsletter"
    receives_webhooks = True
    recipient = ("Mailchimp (Intuit Inc.)", "US")
    fields = (
        Field(
            key="api_key",
            label=gettext_lazy("API key"),
            kind="secret",
            secret=True,
            help=gettext_lazy("In Mailchimp: Profile, Extras, API keys. It ends with the datacentre: -us21."),
        ),
        Field(
            key="audience",
            label=gettext_lazy("Audience"),
            help=gettext_lazy("The audience's id, such as 3b5c8a1d20. In Mailchimp: Audience, Settings."),
        ),
        Field(
            key="own_similar",
            label=gettext_lazy("Subscribe customers for own similar offers"),
            kind="boolean",
            required=False,
            default=False,
            help=gettext_lazy(
                "Off: only a yes subscribes. On: customers who may be sent your own similar offers too. "
                "Then every mail to this audience must be about your own similar events."
            ),
        ),
        Field(
            key="tag_rule",
            label=gettext_lazy("Name of a show's tag"),
            required=False,
            default=TAG_RULE,
            help=gettext_lazy("{name} stands for the show and its year: Show: Hamlet 2026."),
        ),
        Field(
            key="tag_days",
            label=gettext_lazy("Days a show's tag stays after the last performance"),
            kind="integer",
            required=False,
            default=TAG_DAYS,
        ),
        Field(
            key="base_url",
            label=gettext_lazy("Address"),
            kind="url",
            required=False,
            default="",
            help=gettext_lazy("Leave empty: it follows from the key. Another address is for test servers."),
        ),
    )

    @property
    def audience(self) -> AudienceSettings:
        return AudienceSettings.of(self.connection)

    # --- trying the settings -----------------------------------------------------------------------

    def hands_out(self) -> tuple[FeedField, ...]:
        return GIVEN

    def check(self) -> None:
        self.audience.validate()
        self._alone()
        with self.audience.client() as client:
            client.ping()
            try:
                client.audience(self.audience.audience)
            except Refused as refused:
                if refused.status != 404:
                    raise
                raise ConfigurationError(self._which(client.audiences())) from None

    def _alone(self) -> None:
        """Two connections that write to one audience would take each other's changes for drift."""
        same = type(self.connection).objects.filter(
            connector=self.slug, config__audience=self.audience.audience, enabled=True
        )
        if other := same.exclude(pk=self.connection.pk).first():
            raise ConfigurationError(
                _("“%(name)s” writes to this audience already. Switch it off first.") % {"name": other.name}
            )

    def _which(self, audiences: list[Json]) -> str:
        told = ", ".join(f"{one['name']} ({one['id']})" for one in audiences[:10])
        return _("There is no such audience. The account has: %(audiences)s.") % {"audiences": told or "–"}

    # --- reading -----------------------------------------------------------------------------------

    def pull(self, cursor: Json) -> Iterator[Page]:
        """Every member the first time and once a week, else those who changed. Notes what they are."""
        point = setup.collection_point(self.connection)
        run = self.run.pk if self.run else None
        if cursor.get("run") != run or run is None:  # the pull begins
            with self.audience.client() as client:
                setup.note_last_campaign(client, self.audience, point)
        yield from pulling.pull(self.audience, cursor, run)

    def to_row(self, raw: Raw, number: int) -> CanonicalRow:
        """A member is a record of a person, and an answer at the audience's collection point."""
        if not isinstance(raw, dict) or not raw.get("address"):
            raise Rejected(_("This is not a member of an audience."))
        person = PersonRow(
            external_id=raw["contact_id"],
            is_customer=False,
            given_name=raw["given_name"],
            family_name=raw["family_name"],
            email=raw["address"],
            language=raw["language"],
            observed_at=_moment(raw["opted_in_at"]),
        )
        claim = ConsentClaim(
            point=self.audience.point,
            answer=raw["answer"],
            occurred_at=_moment(raw["opted_in_at"] if raw["answer"] == "yes" else raw["changed_at"]),
        )
        return CanonicalRow(number, raw, key=raw["contact_id"], buyer=person, claims=(claim,))

    def ingested(self, run: Run) -> None:
        settle(run, self.audience)

    # --- writing -----------------------------------------------------------------------------------

    def plan(self, run: Run) -> Progress:
        self.audience.validate()
        self._alone()
        with self.audience.client() as client:
            setup.merge_fields(client, self.audience)
            setup.webhook(client, self.audience, self.connection)
        plan = plans.make(run)
        return Progress(finished=True, counts=plan.counts["actions"], total=plan.contacts)

    def apply(self, run: Run) -> Progress:
        with self.audience.client() as client:
            counts = plans.apply_batch(run.plan, client)
        if counts is None:
            return Progress(finished=True, total=run.plan.contacts)
        return Progress(finished=False, counts=counts, total=run.plan.contacts)

    def sent(self, run: Run) -> Mapping[str, int]:
        # By the run, not by its plan: a page looks at runs that have not come to planning yet.
        done = PlanItem.objects.filter(plan__run=run, state=ItemState.DONE).exclude(action="skip")
        return dict(done.values_list("action").annotate(n=Count("pk")).order_by("action"))

    def written(self, identifier_ids: Collection[int], since: dt.datetime) -> Sequence[Written]:
        members = AudienceMember.objects.filter(
            connection=self.connection, identifier_id__in=identifier_ids, last_pushed_at__gte=since
        )
        told = members.values_list("identifier_id", "last_pushed_at")
        return [Written(identifier, at) for identifier, at in told if identifier and at]

    # --- webhooks ----------------------------------------------------------------------------------

    def webhook_key(self, request: HttpRequest) -> str:
        return hearing.key(self.connection, request)

    def handle_webhook(self, delivery: WebhookDelivery) -> str:
        form = hearing.parse(bytes(delivery.body))
        told = hearing.handle_webhook(self.connection, form)
        if buried.erased_at(hearing.addresses(form)):
            deliveries.empty(delivery)
        return told


def _moment(text: Any) -> dt.datetime | None:
    """Mailchimp writes ISO times with an offset; one without is UTC."""
    moment = parse_datetime(str(text)) if text else None
    return moment.replace(tzinfo=dt.UTC) if moment and moment.tzinfo is None else moment
