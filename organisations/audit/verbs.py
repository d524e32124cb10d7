"""The two ways into the audit app: what was done, and what was looked at."""

import uuid
from collections.abc import Sequence
from typing import Any

from cdp.lib.tenancy import current_schema
from organisations.audit.models import AccessEntry, AuditEntry
from organisations.models import Membership, User

# A list of people shows at most a page; an export names its size and not everybody in it.
MOST_PROFILE_IDS = 500


def record(
    *,
    actor: User | None,
    verb: str,
    target: str,
    summary: dict[str, Any] | None = None,
    act_id: uuid.UUID | None = None,
) -> AuditEntry:
    """`verb` is `noun.done`, as in `member.invited`. `summary` never holds secrets.

    `actor` None is the system itself, such as the morning run.
    """
    return AuditEntry.objects.create(
        actor_id=actor.pk if actor else None,
        actor_label=_label(actor),
        role=_role(actor),
        verb=verb,
        target=target[:200],
        summary=summary or {},
        act_id=act_id or uuid.uuid4(),
    )


def looked(
    *,
    user: User,
    profile_ids: Sequence[int],
    screen: str,
    purpose: str = "",
    request_id: str = "",
    result_size: int | None = None,
    fields: str = "",
) -> AccessEntry:
    """`result_size` is the number of people in the whole answer, of which `profile_ids` were shown.

    For looks at people in the console, `profiles.looks` is the way: it asks for a purpose first.
    """
    return AccessEntry.objects.create(
        user_id=user.pk,
        user_label=_label(user),
        role=_role(user),
        profile_ids=list(profile_ids[:MOST_PROFILE_IDS]),
        screen=screen,
        fields=fields[:120],
        purpose=purpose[:200],
        request_id=request_id[:64],
        result_size=len(profile_ids) if result_size is None else result_size,
    )


def _label(user: User | None) -> str:
    return str(user)[:200] if user else "Foyer"


def _role(user: User | None) -> str:
    if user is None:
        return ""
    membership = Membership.objects.filter(user=user, organisation__schema_name=current_schema()).first()
    return membership.role if membership else ("operator" if user.is_operator else "")
