"""Short names that removed examples had. Nobody gets one again: messages that still wait in the queue,
and files an operator put aside, name their organisation by it."""

from pathlib import Path

from django.conf import settings


def _folder() -> Path:
    return Path(settings.FOYER_DATA) / "examples-removed"


def note(slug: str) -> None:
    _folder().mkdir(parents=True, exist_ok=True)
    (_folder() / slug).touch()


def had(slug: str) -> bool:
    """Also for a name that would lead to the same schema."""
    gone = {mark.name for mark in _folder().glob("*")}
    return slug.replace("-", "_") in {name.replace("-", "_") for name in gone}
