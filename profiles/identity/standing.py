"""Why an identifier joins nobody, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from profiles.models import Decision, Identifier, IdentifierKind, Profile

FOYERS_OWN = ("", "placeholder", "placeholder address", "placeholder domain", "placeholder number",
              "on more people than its kind allows")  # fmt: skip
"""Reasons that Foyer writes by itself: the words below say the same at more length."""


@dataclass(frozen=True, slots=True)
class Demotion:
    """A limit that kept this identifier from joining: one person has at most `limit` of `kind`."""

    kind: str
    limit: int


def reason(identifier: Identifier, demotion: Demotion | None = None) -> str:
    """A sentence, or empty for an identifier that joins as it should."""
    said = _standing(identifier, demotion)
    if said and identifier.state_reason not in FOYERS_OWN:
        said = f"{said} {identifier.state_reason}"
    if said and identifier.decided_by:
        said = _("%(reason)s (%(who)s)") % {"reason": said, "who": identifier.decided_by}
    return said


def in_a_word(identifier: Identifier, demotion: Demotion | None = None) -> str:
    """The same, for where there is no room."""
    if identifier.state != Identifier.State.NORMAL:
        return str(_WORDS[Identifier.State(identifier.state)])
    if not identifier.kind.joins:
        return _("contact only")
    return _("over a limit") if demotion else ""


_WORDS = {
    Identifier.State.BLOCKED: gettext_lazy("placeholder"),
    Identifier.State.SHARED: gettext_lazy("shared"),
    Identifier.State.HELD: gettext_lazy("on too many people"),
}


def _standing(identifier: Identifier, demotion: Demotion | None) -> str:
    if identifier.state == Identifier.State.BLOCKED:
        return _("A placeholder that means nobody.")
    if identifier.state == Identifier.State.SHARED:
        return _("Several people rightly use it: it reaches them, but proves nothing.")
    if identifier.state == Identifier.State.HELD:
        return _("It sits on too many different people, and joins nobody any more.")
    if not identifier.kind.joins:
        return _("Only a way to reach somebody: values of this kind join nobody.")
    return _limit(demotion) if demotion else ""


def _limit(demotion: Demotion) -> str:
    words = _("It is on somebody else too, and was set aside: a person has at most %(limit)d of “%(kind)s”.")
    return words % {"limit": demotion.limit, "kind": demotion.kind}


def demotions(profile: Profile) -> Mapping[int, Demotion]:
    """The identifiers that a limit keeps from joining this person with another, by id."""
    apart = Decision.objects.filter(
        Q(survivor=profile, retired__state=Profile.State.ACTIVE)
        | Q(retired=profile, survivor__state=Profile.State.ACTIVE),
        kind=Decision.Kind.DEMOTE,
    )
    told = [each for evidence in apart.values_list("evidence", flat=True) for each in evidence["demoted"]]
    if not told:
        return {}
    labels = dict(IdentifierKind.objects.values_list("key", "label"))
    return {
        each["identifier"]: Demotion(labels.get(each["kind"], each["kind"]), each["limit"])
        for each in told
        if each["identifier"]
    }
