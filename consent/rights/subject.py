"""Whom a request is about: the person's ids as they stand now, whatever was merged or taken apart since."""

from __future__ import annotations

from cdp.lib import sql
from consent.models import RightsRequest
from organisations.personal_data import Subject


def of(request: RightsRequest) -> Subject:
    """One statement, whatever the person has.

    Where a link is the only proof, the answer is narrowed to what the address shows to be
    its holder's (CONSENT.md 3.1, C151): records that show it and no newer one of its
    kind. `profiles` is then empty unless these are all the person's records, because tags, scores
    and looks are about the whole person. An address that two people show
    proves neither of them: no record, the address alone.
    """
    proven = _link_alone(request)
    found = sql.one(
        "consent/subject",
        {"profile_id": request.profile_id, "record_ids": list(request.records), "proven_id": proven},
    )
    assert found is not None
    whole = found["is_whole"] and found["records"]
    return Subject(
        profiles=tuple(found["profiles"]) if whole or proven is None else (),
        records=tuple(found["records"]),
        identifiers=tuple(found["identifiers"]),
        shared=tuple(found["shared"]),
        proven=None if proven is None else (proven,),
    )


def _link_alone(request: RightsRequest) -> int | None:
    """The address that is all that was proven, None where the whole person was."""
    return request.proven_id if request.identity == RightsRequest.Identity.LINK else None


def is_nobody(subject: Subject) -> bool:
    """Nothing is held about whoever asks."""
    return not (subject.records or subject.identifiers or subject.proven)
