"""Defaults of model fields, apart from the models so that migrations import none."""

import secrets


def every_day() -> list[int]:
    """ISO weekdays: Monday is 1."""
    return [1, 2, 3, 4, 5, 6, 7]


def new_secret() -> str:
    return secrets.token_urlsafe(24)
