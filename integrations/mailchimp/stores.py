"""What the tables about audiences hold of a person, and what erasing does to them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cdp.lib import sql
from integrations.mailchimp.forgetting import members_of
from integrations.mailchimp.models import PlanItem
from organisations import personal_data
from organisations.personal_data import Doing, Free, Store, Subject

MEMBERS = Store(
    model="mailchimp.AudienceMember",
    label=_("Contacts in Mailchimp audiences, as Foyer knows them"),
    category="audiences",
    personal=(
        "address", "contact_id", "status_remote", "status_seen", "status_pushed", "tags_pushed",
        "fields_hash", "fields_remote", "refused_hash",
    ),
    plain={"drift": "what kind of difference was found, from a fixed list"},
    doing=Doing.DELETE,
    erase=lambda subject: members_of(subject).delete()[0],
    order=12,
)  # fmt: skip
ITEMS = Store(
    model="mailchimp.PlanItem",
    label=_("Contacts named in plans for Mailchimp"),
    category="plans",
    personal=("desired", "error", "basket", "reason", "action"),
    plain={"state": "how far the contact is in its plan, from a fixed list"},
    doing=Doing.DELETE,
    erase=lambda subject: _erase_items(subject),
    order=10,
)
FREE = (
    Free("mailchimp.ShowTag", "A show's tag and its name at Mailchimp: no person is named."),
    Free(
        "mailchimp.Plan",
        "Numbers of a plan, and why it ended in words without personal data; whom it named is in its items.",
    ),
)


def _erase_items(subject: Subject) -> int:
    """Items of the person's own addresses go; those of an address that somebody else has too keep
    neither the person nor what was to be said of them."""
    items = PlanItem.objects.filter(identifier__in=subject.identifiers)
    gone: int = items.delete()[0]
    blanked = sql.count(
        "integrations/mailchimp/forget_shared",
        {"shared": list(subject.shared), "profiles": list(subject.profiles)},
    )
    return gone + blanked


def register() -> None:
    personal_data.register(MEMBERS, ITEMS, *FREE)
