"""POST /lists/{id}: up to 500 members at once; the answer is 200 even when some of them fail."""

from __future__ import annotations

from typing import Any

from . import problems
from .audience import BATCH_LIMIT, Audience, subscriber_hash
from .faults import Faults

COULD_NOT = "Something went wrong while saving this contact. Please try again."


def upsert_many(audience: Audience, body: dict[str, Any], faults: Faults) -> dict[str, Any]:
    given = body.get("members") or []
    if len(given) > BATCH_LIMIT:
        raise problems.invalid("You may only pass 500 members at a time.", ("members", "Too many."))
    audience.batches += 1
    fails, forgets = faults.take("fail_half"), faults.take("forget")
    answer: dict[str, Any] = {"new_members": [], "updated_members": [], "errors": []}
    for place, one in enumerate(given):
        if fails and place % 2:
            answer["errors"].append(_error(one, COULD_NOT, "ERROR_GENERIC"))
        elif forgets:
            answer["updated_members"].append(_as_if(audience, one))
        else:
            _one(audience, one, body, answer)
    return answer | {
        "total_created": len(answer["new_members"]),
        "total_updated": len(answer["updated_members"]),
        "error_count": len(answer["errors"]),
    }


def _one(audience: Audience, given: dict[str, Any], body: dict[str, Any], answer: dict[str, Any]) -> None:
    known = subscriber_hash(str(given.get("email_address"))) in audience.members
    if known and not body.get("update_existing"):
        reason = (
            f"{given['email_address']} is already a list member, do you want to update? "
            "please provide update_existing:true in the request body"
        )
        answer["errors"].append(_error(given, reason, "ERROR_CONTACT_EXISTS"))
        return
    try:
        member, is_new = audience.upsert(given)
    except problems.Problem as problem:
        answer["errors"].append(_refused(given, problem))
        return
    if given.get("tags") or body.get("sync_tags"):
        audience.set_tags(member, given.get("tags") or [], replace=bool(body.get("sync_tags")))
    answer["new_members" if is_new else "updated_members"].append(audience.shown(member))


def _error(given: dict[str, Any], message: str, code: str, field: str = "") -> dict[str, str]:
    return {
        "email_address": str(given.get("email_address") or ""),
        "error": message,
        "error_code": code,
        "field": field,
        "field_message": message if field else "",
    }


def _refused(given: dict[str, Any], problem: problems.Problem) -> dict[str, str]:
    error = _error(given, problem.detail, "ERROR_GENERIC")
    if problem.errors:
        first = problem.errors[0]
        error |= {"field": first["field"], "field_message": first["message"]}
    return error


def _as_if(audience: Audience, given: dict[str, Any]) -> dict[str, Any]:
    """The answer of a server that says yes and then loses the update."""
    status = given.get("status") or given.get("status_if_new")
    shown = {"id": subscriber_hash(str(given["email_address"])), "list_id": audience.id}
    return given | shown | {"status": status}
