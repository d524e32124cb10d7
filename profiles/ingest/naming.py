"""What a record is called where its source has no customer id for it.

The id must come out the same from every row about the same person, and never the same for
two: DESIGN of the way in, docs/reference/canonical-rows.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ACCOUNT_KEY, CONTACT_POINT, ANONYMOUS = "account_key", "contact_point", "anonymous"
ORDER_NUMBER = "order_number"
_STRENGTH = {ACCOUNT_KEY: 0, CONTACT_POINT: 1, ANONYMOUS: 2}

Shown = Iterable[tuple[str, str]]
"""(kind, value) pairs, normalised and without placeholders."""


def derived_id(email: str, phone: str, name_key: str, order: str, other: str) -> str:
    """E-mail or phone with the folded name; else the order number; else what `by_key` answers.

    Empty: nothing names them.
    """
    if email:
        return f"email:{email}|{name_key}"
    if phone:
        return f"phone:{phone}|{name_key}"
    return by_order(order) if order else other


def by_order(number: str) -> str:
    return f"order:{number}"


def by_key(shown: Shown, roles: Mapping[str, str], name_key: str) -> str:
    """The strongest further identifier. `roles` are the kinds' roles, strongest kind first.

    An account key is one person's; what may be several people's (one device in a home) names
    each of them apart by what they are called. A visitor is called nothing.
    """
    order = {kind: (_STRENGTH[role], position) for position, (kind, role) in enumerate(roles.items())}
    found = min(shown, key=lambda each: (order[each[0]], each[1]), default=None)
    if found is None:
        return ""
    kind, value = found
    alone = roles[kind] == ACCOUNT_KEY or not name_key
    return f"{kind}:{value}" if alone else f"{kind}:{value}|{name_key}"


def is_visitor(shown: Shown, roles: Mapping[str, str], name_key: str) -> bool:
    """Whether a row without contact points and customer id is about somebody nobody knows."""
    return not name_key and all(roles[kind] == ANONYMOUS for kind, _value in shown)
