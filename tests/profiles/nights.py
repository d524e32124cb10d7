"""People whom the matcher finds likely, for tests of the night."""

from __future__ import annotations

from datetime import date
from typing import Any

from profiles.models import MatchPair, SourceRecord
from tests.profiles.sample import a_source, deliver, ticket

HOME: dict[str, Any] = {"street": "Storgata 5", "postal_code": "0182", "city": "Oslo"}
BORN: dict[str, Any] = {"birth_date": date(1980, 2, 1)}


def tell(source: str, number: int, name: str, email: str, **person: Any) -> SourceRecord:
    """One person in one source, as it tells of them now."""
    day = person.pop("day", 0)
    deliver(
        [ticket(number, name=name, email=email, external_id=f"{number}", day=day, **person)],
        a_source(source),
    )
    return SourceRecord.objects.get(source__slug=source, external_id=f"{number}")


def sure(name: str = "Kari Ødegård", number: int = 100, **person: Any) -> tuple[SourceRecord, SourceRecord]:
    """Two records of one person without a shared key, about which the matcher is certain."""
    said = {**HOME, **BORN, **person}
    mail = name.split(" ")[0].lower()
    one = tell("tickets", number, name, f"{mail}{number}@work.no", **said)
    return one, tell("shop", number + 1, name, f"{mail}{number + 1}@home.no", **said)


def doubtful(name: str = "Siri Vik", number: int = 200, **person: Any) -> tuple[SourceRecord, SourceRecord]:
    """Two records that may be one person: a name and an area."""
    said = {"postal_code": "5003", **person}
    one = tell("tickets", number, name, f"a{number}@work.no", **said)
    return one, tell("shop", number + 1, name, f"b{number + 1}@home.no", **said)


def are_one(*records: SourceRecord) -> bool:
    pks = [record.pk for record in records]
    return SourceRecord.objects.filter(pk__in=pks).values("profile").distinct().count() == 1


def the_question() -> MatchPair:
    return MatchPair.objects.get(state=MatchPair.State.OPEN)
