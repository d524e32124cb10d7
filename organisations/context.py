from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from organisations import navigation
from organisations.models import Membership


def organisation(request: HttpRequest) -> dict[str, Any]:
    """For every template: `organisation`, `membership`, `navigation` (main, foot, settings) and `can`.

    `can` holds capability names: `{% if "edit_people" in can %}`. The menus are lazy, because
    error pages never look at them.
    """
    membership: Membership | None = getattr(request, "membership", None)
    menus = {
        place: SimpleLazyObject(partial(navigation.for_request, request, place))
        for place in ("main", "foot", "settings")
    }
    return {
        "organisation": getattr(request, "organisation", None),
        "membership": membership,
        "navigation": menus,
        "can": {capability.value for capability in membership.can} if membership else set(),
    }
