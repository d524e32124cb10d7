"""The current organisation's trained model, kept in the process: loading takes longer than asking."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from cdp.lib.tenancy import current_schema
from profiles.identity.matching import platform
from profiles.identity.matching.model import Model, OldModel
from profiles.models import MatchModel

KEPT = 20
"""Organisations whose model a process keeps, five megabytes each at most."""

_kept: OrderedDict[tuple[str, int], Model] = OrderedDict()
_lock = Lock()


def newest() -> MatchModel | None:
    """The row of the model in use, without its parameters, which are large."""
    return MatchModel.objects.defer("parameters").order_by("-pk").first()


def model(number: int | None) -> Model:
    """The model of this number in the current organisation; the platform's where there is none yet,
    or where it belongs to an older release."""
    if number is None:
        return platform.model()
    key = current_schema(), number
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = _load(number)
    with _lock:
        for old in [other for other in _kept if other[0] == key[0]]:
            del _kept[old]
        _kept[key] = found
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def _load(number: int) -> Model:
    parameters = MatchModel.objects.values_list("parameters", flat=True).get(pk=number)
    try:
        return Model.of_json(parameters)
    except (OldModel, KeyError):
        return platform.model()
