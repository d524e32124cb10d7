from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from organisations import navigation
from organisations.models import Membership


def organisation(request: HttpRequest) -> dict[str, Any]:
    """For every template: `organisation`, `membership`, `navigation` and `can`.

    `can` holds capability names: `{% if "edit_people" in can %}`. The menu is lazy,
    because error pages never look at it.
    """
    membership: Membership | None = getattr(request, "membership", None)
    return {
        "organisation": getattr(request, "organisation", None),
        "membership": membership,
        "navigation": SimpleLazyObject(partial(navigation.for_request, request)),
        "can": {capability.value for capability in membership.can} if membership else set(),
    }
