"""What erasing does to every table of this room: `personal_data` has the words.

Statements are set-based: their number does not grow with what the person did. Lower `order`
goes first; rows that were kept as they came are searched while all values are still there.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from cdp.lib import sql
from organisations import personal_data
from organisations.personal_data import Doing, Erase, Free, Store, Subject
from profiles.erasure import rows, sales
from profiles.models import (
    BlockingKey,
    Event,
    Identifier,
    MatchFeatures,
    MatchLink,
    MatchPair,
    NetworkSighting,
    Pin,
    ProfileTag,
    RecordIdentifier,
    RecordMark,
    RecordVersion,
    SearchKey,
)


def parameters(subject: Subject) -> dict[str, Any]:
    """The subject for a statement in a .sql file."""
    return {
        "profiles": list(subject.profiles),
        "records": list(subject.records),
        "identifiers": list(subject.identifiers),
        "shared": list(subject.shared),
    }


def statement(name: str) -> Erase:
    """Erases by `profiles/sql/<name>.sql`."""
    return lambda subject: sql.count(f"profiles/{name}", parameters(subject))


def of_records(model: type[models.Model], *names: str) -> Erase:
    """Erases what hangs on the person's records, in one statement. For tables that nothing points at."""

    def erase(subject: Subject) -> int:
        about = models.Q()
        for name in names or ("record",):
            about |= models.Q(**{f"{name}__in": subject.records})
        return model._default_manager.filter(about).delete()[0]

    return erase


def of_profiles(model: type[models.Model], *names: str) -> Erase:
    """As `of_records`, for what hangs on the profile."""

    def erase(subject: Subject) -> int:
        about = models.Q()
        for name in names or ("profile",):
            about |= models.Q(**{f"{name}__in": subject.profiles})
        return model._default_manager.filter(about).delete()[0]

    return erase


def _pairs(subject: Subject) -> int:
    gone = of_records(MatchPair, "record_a", "record_b")(subject)
    return gone + of_profiles(MatchPair, "profile_a", "profile_b")(subject)


def _identifiers(subject: Subject) -> int:
    """Values that nobody else shows. What somebody wrote about a shared one may name the person."""
    Identifier.objects.filter(pk__in=subject.shared).exclude(state_reason="").update(state_reason="")
    return sql.count("profiles/erase_identifiers", parameters(subject))


STAFF = "e-mail address of a colleague"
CODE = "one of a fixed list of words"

RAW = (
    Store(
        model="profiles.HeldRow", label=_("Rows that wait for somebody, as they came"),
        category="import_files", personal=("raw", "reasons", "corrected_raw"), doing=Doing.DELETE,
        erase=rows.forget_held_rows, order=10,
        plain={"key": "keyed hash", "state": CODE, "resolved_by": STAFF},
    ),
    Store(
        model="profiles.LinkUpload", label=_("Lines of uploaded tables of links"), category="import_files",
        personal=("rows",), doing=Doing.DELETE, erase=rows.forget_links_uploaded, order=10,
        plain={"name": "name of a file of links about many", "created_by": STAFF},
    ),
    Store(
        model="profiles.RowState", label=_("Hashes by which rows are known again"), category="import_files",
        personal=("record_id",), doing=Doing.DELETE, erase=statement("erase_row_states"), order=20,
    ),
)  # fmt: skip

IDENTITY = (
    Store(
        model="profiles.IdentityAct", label=_("Acts about who is who: names and reasons in them"),
        category="identity", personal=("reason", "evidence"), doing=Doing.ANONYMISE, order=28,
        erase=statement("erase_acts"), why=_("What colleagues did stays, about whom does not."),
        plain={"kind": CODE, "actor": STAFF},
    ),
    Store(
        model="profiles.LinkConstraint", label=_("What colleagues said of two people: their reasons"),
        category="identity", personal=("reason", "fingerprint"), doing=Doing.ANONYMISE, order=29,
        erase=statement("erase_constraint_reasons"),
        why=_("The word stays where it is about other people too."),
        plain={"kind": CODE, "actor": STAFF},
    ),
    Store(
        model="profiles.LinkConstraintRecord", label=_("What colleagues said of two people"),
        category="identity", personal=("record",), doing=Doing.DELETE, order=32,
        erase=statement("erase_constraint_records"),
    ),
    Store(
        model="profiles.MatchPair", label=_("Questions in the merge queue"), category="identity",
        personal=("evidence", "reason", "fingerprint"), doing=Doing.DELETE, erase=_pairs, order=31,
        plain={
            "rule": CODE, "blocked_by": CODE, "state": CODE, "decided_by": STAFF, "claimed_by": STAFF,
            "skipped_by": STAFF,
        },
    ),
    Store(
        model="profiles.MatchLink", label=_("Links found by the matcher"), category="identity",
        personal=("record_a", "record_b"), doing=Doing.DELETE,
        erase=of_records(MatchLink, "record_a", "record_b"), order=33,
    ),
    Store(
        model="profiles.MatchFeatures", label=_("Values as the matcher compares them"), category="identity",
        personal=("values",), doing=Doing.DELETE, erase=of_records(MatchFeatures), order=31,
    ),
    Store(
        model="profiles.BlockingKey", label=_("Hashes that likely pairs are found by"), category="identity",
        personal=("key",), doing=Doing.DELETE, erase=of_records(BlockingKey), order=31,
    ),
    Store(
        model="profiles.Pin", label=_("Values chosen by colleagues"), category="identity",
        personal=("record",), doing=Doing.DELETE, erase=of_records(Pin), order=33,
        plain={"unit": CODE, "actor": STAFF},
    ),
    Store(
        model="profiles.DecisionMove", label=_("Journal: records that moved"), category="identity",
        personal=("record_id",), doing=Doing.DELETE, erase=statement("erase_decision_moves"), order=34,
    ),
    Store(
        model="profiles.Decision", label=_("Journal: who was found to be whom"), category="identity",
        personal=("evidence",), doing=Doing.DELETE, erase=statement("erase_decisions"), order=35,
        plain={"kind": CODE, "rule": CODE, "actor": STAFF},
    ),
    Store(
        model="profiles.NetworkSighting", label=_("Network addresses, as keyed hashes"), category="events",
        personal=("network",), doing=Doing.DELETE, erase=of_records(NetworkSighting), order=31,
    ),
    Store(
        model="profiles.HouseholdMember", label=_("Household"), category="identity", personal=("basis",),
        doing=Doing.DELETE, erase=statement("erase_households"), order=40,
    ),
    Store(
        model="profiles.Household", label=_("Households that nobody is of any more"), category="identity",
        personal=(), doing=Doing.GOES_WITH, order=40,
    ),
)  # fmt: skip

LIFE = (
    Store(
        model="profiles.SearchKey", label=_("Words of the name, for search"), category="profile",
        personal=("token",), doing=Doing.DELETE, erase=of_profiles(SearchKey), order=41,
    ),
    Store(
        model="profiles.ProfileTag", label=_("Tags"), category="profile", personal=("tag",),
        doing=Doing.DELETE, erase=of_profiles(ProfileTag), order=41, plain={"origin": CODE},
    ),
    Store(
        model="profiles.Event", label=_("What they did on the website and in apps"), category="events",
        personal=("message_id", "type", "properties"), doing=Doing.DELETE, erase=of_records(Event), order=60,
    ),
    Store(
        model="profiles.LineVersion", label=_("Former values of tickets and articles"), category="orders",
        personal=("values",), doing=Doing.DELETE, erase=sales.forget_line_versions, order=61,
    ),
    Store(
        model="profiles.OrderVersion", label=_("Former values of orders"), category="orders",
        personal=("values",), doing=Doing.DELETE, erase=sales.forget_order_versions, order=61,
    ),
    Store(
        model="profiles.OrderLine", label=_("Tickets and articles bought"), category="orders",
        personal=(
            "key", "section", "row", "seat", "barcode", "campaign", "venue", "category", "price_type",
        ),
        doing=Doing.ANONYMISE, erase=sales.forget_lines, order=62,
        why=_("Only sums stay: show, day and price band, of everybody together."), plain={"status": CODE},
    ),
    Store(
        model="profiles.Order", label=_("Orders"), category="orders",
        personal=("external_id", "channel", "payment_type"), doing=Doing.ANONYMISE,
        erase=sales.forget_orders, order=63,
        why=_("Only sums stay: show, day and price band, of everybody together."),
        plain={"status": CODE, "currency": CODE},
    ),
)  # fmt: skip

PERSON = (
    Store(
        model="profiles.RecordVersion", label=_("Former values in the sources"), category="profile",
        personal=("values",), doing=Doing.DELETE, erase=of_records(RecordVersion), order=75,
    ),
    Store(
        model="profiles.RecordMark", label=_("Marks: locked, guarded"), category="profile",
        personal=("kind",), doing=Doing.DELETE, erase=of_records(RecordMark), order=75,
        plain={"set_by": STAFF},
    ),
    Store(
        model="profiles.RecordIdentifier", label=_("Which source knows which address or number"),
        category="profile", personal=("record", "identifier"), doing=Doing.DELETE,
        erase=of_records(RecordIdentifier), order=76,
    ),
    Store(
        model="profiles.Identifier", label=_("E-mail addresses, telephone and customer numbers"),
        category="profile", personal=("value", "state_reason"), doing=Doing.DELETE, erase=_identifiers,
        order=80, plain={"namespace": "a source's short name", "state": CODE, "decided_by": STAFF},
    ),
    Store(
        model="profiles.SourceRecord", label=_("What each source says of the person"), category="profile",
        personal=(
            "external_id", "given_name", "family_name", "company", "email", "phone", "street", "postal_code",
            "city", "country", "birth_date", "birth_year", "gender", "language", "attributes", "name_key",
            "given_key",
        ),
        doing=Doing.DELETE, erase=statement("erase_records"), order=85,
        plain={"observed": "times by kind of value"},
    ),
    Store(
        model="profiles.Profile", label=_("The profile, and old ones that point to it"), category="profile",
        personal=(
            "public_id", "name", "given_name", "family_name", "company", "email", "phone", "street",
            "postal_code", "city", "country", "birth_date", "birth_year", "gender", "language",
        ),
        doing=Doing.DELETE, erase=statement("erase_profiles"), order=90,
        plain={"state": CODE, "provenance": "numbers of records by kind of value", "currency": CODE},
    ),
    Store(
        model="profiles.Tombstone", label=_("Keyed hashes that keep the person away"), category="suppression",
        personal=("digest",), doing=Doing.KEEP, order=99,
        why=_(
            "So that tomorrow's file does not bring the person back (GDPR Art. 17(1), 21(3)). Nothing can be"
            " read from a hash; it can only be told whether an address is one of them."
        ),
    ),
)  # fmt: skip

NOTHING_PERSONAL = (
    Free("profiles.Source", "systems of the organisation; names of those who look after them are staff's"),
    Free("profiles.Intake", "counts of a delivery; its label names the connection and the run"),
    Free("profiles.RowOccurrence", "keyed hashes of rows of a delivery that is open; emptied with it"),
    Free("profiles.Product", "what is sold"),
    Free("profiles.Tag", "words that many carry; who carries them is in ProfileTag"),
    Free("profiles.SalesFact", "sums of tickets by show, day and price band"),
    Free("profiles.DailyCount", "counts of a day"),
    Free("profiles.IdentifierKind", "settings"),
    Free("profiles.IdentifierBlock", "patterns of placeholders and of the organisation's own addresses"),
    Free("profiles.MatchModel", "weights learnt from all records together"),
    Free("profiles.MatchSettings", "settings"),
    Free("profiles.SurvivorshipRule", "settings"),
    Free("profiles.RuleTrial", "settings tried, and numbers of records that a change would touch"),
)


def register() -> None:
    personal_data.register(*RAW, *IDENTITY, *LIFE, *PERSON, *NOTHING_PERSONAL)
