"""Mailchimp as a place that must forget: permanent deletion, one audience after another (GDPR Art. 17, 19).

What is asked for is every address of the person, former ones too, and whatever this audience was
ever seen to hold of them. Asking twice does no harm: who is gone already is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cdp.lib import clock
from cdp.lib.crypto import keyed_hash
from cdp.lib.tenancy import current_schema
from integrations.errors import ConfigurationError, Rejected, TryLater
from integrations.mailchimp.client import Mailchimp, Refused, member_id
from integrations.mailchimp.models import AudienceMember
from integrations.mailchimp.settings import AudienceSettings
from integrations.models import Connection
from organisations import personal_data
from organisations.personal_data import ByHand, Destination, Later, Recipient, Subject
from profiles.models import Identifier, SourceRecord

SLUG = "mailchimp"
CONSEQUENCE = gettext_lazy(
    "Mailchimp deletes the contact for good, with its history. The address can never be re-imported "
    "there; only the person can sign up again, through Mailchimp's own form."
)


def destinations() -> list[Destination]:
    """One for each audience that is written to, or that was and still holds somebody."""
    return [_destination(connection) for connection in Connection.objects.filter(connector=SLUG)]


def _destination(connection: Connection) -> Destination:
    return Destination(
        key=f"{SLUG}:{connection.slug}",
        label=_("Mailchimp: %(name)s") % {"name": connection.name},
        holds=partial(holds, connection),
        forget=partial(forget, connection),
        consequence=CONSEQUENCE,
        recipients=partial(recipients, connection),
    )


def members_of(subject: Subject, connection: Connection | None = None) -> QuerySet[AudienceMember]:
    """What audiences hold of the person: by address, by contact, and addresses left behind there.

    An address that somebody else has too is theirs as well: their contact stays.
    """
    contacts = SourceRecord.objects.filter(
        pk__in=subject.records, source__connections__connector=SLUG
    ).values("external_id")
    addresses = Identifier.objects.filter(pk__in=subject.identifiers, kind_id="email").values("value")
    shared = Identifier.objects.filter(pk__in=subject.shared, kind_id="email").values("value")
    own = Q(identifier__in=subject.identifiers) | Q(address__in=addresses)
    by_contact = Q(contact_id__in=contacts) & ~Q(contact_id="")
    former = Q(pk__in=AudienceMember.objects.filter(own | by_contact).values("moved_from"))
    found = AudienceMember.objects.filter(own | by_contact | former).exclude(address__in=shared)
    return found.filter(connection=connection) if connection else found


def holds(connection: Connection, subject: Subject) -> Iterator[tuple[str, str]]:
    """Each address once. One that this audience was never seen to hold is asked for all the same: a
    contact may have been archived there before Foyer ever looked."""
    seen = set(members_of(subject, connection).values_list("address", flat=True))
    if not (connection.enabled or seen):
        return
    own = Identifier.objects.filter(pk__in=subject.identifiers, kind_id="email")
    addresses = sorted(seen | set(own.values_list("value", flat=True)))
    for number, address in enumerate(addresses, start=1):
        yield (
            address,
            _("Mailchimp: %(name)s, address %(number)d")
            % {
                "name": connection.name,
                "number": number,
            },
        )


def forget(connection: Connection, address: str) -> str:
    """Asks for one address; answers the receipt: when, which audience, and a hash of the contact."""
    settings = AudienceSettings.of(connection)
    try:
        with settings.client() as client:
            deleted = _delete(client, settings, address)
    except TryLater as error:
        raise Later(str(error)) from error
    except ConfigurationError as error:
        raise Later(
            _("%(reason)s Mend the connection; then this is tried again.") % {"reason": error}
        ) from error
    except Rejected as error:
        raise ByHand(
            _("Mailchimp would not delete the contact (%(reason)s). Delete it there: open the contact, "
              "Actions, Permanently delete.") % {"reason": error}
        ) from error  # fmt: skip
    return _receipt(settings, address, deleted)


def _delete(client: Mailchimp, settings: AudienceSettings, address: str) -> bool:
    if client.delete_permanent(settings.audience, address):
        return True
    try:
        client.audience(settings.audience)  # "not found" may be said of the audience itself
    except Refused as refused:
        if refused.status != 404:
            raise
        raise ByHand(
            _("The audience is not in this account any more. Look in Mailchimp whether it still holds them.")
        ) from refused
    return False


def _receipt(settings: AudienceSettings, address: str, deleted: bool) -> str:
    """No address in it. The hash has this installation's key, so nobody can try addresses on it."""
    contact = keyed_hash(current_schema(), f"mailchimp:{settings.audience}:{member_id(address)}").hex()[:16]
    at = clock.now().isoformat(timespec="seconds")
    said = "deleted" if deleted else "not there"
    return f"{at} list {settings.audience} contact {contact} {said}"


def recipients(connection: Connection, subject: Subject) -> Iterator[Recipient]:
    """Who was given the person's data, by name, with the last transfer (Art. 15(1)(c), C-154/21)."""
    members = members_of(subject, connection)
    if subject.proven is not None:
        members = members.filter(identifier__in=subject.proven)
    last = members.exclude(last_pushed_at=None).aggregate(at=Max("last_pushed_at"))["at"]
    if last is not None:
        yield Recipient(
            name="Mailchimp (Intuit Inc.)",
            what=_("Address, name, which offers may be sent, last purchase and shows: “%(name)s”")
            % {"name": connection.name},
            last_at=last,
            country="US",
        )


def register() -> None:
    personal_data.register_destinations(SLUG, destinations)
