"""What the tables about files hold of a person, and what erasing does to them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from integrations.files import erasing
from organisations import personal_data
from organisations.personal_data import Doing, Free, Store

FILES = Store(
    model="files.ImportFile",
    label=_("Foyer's copies of files: their beginnings and notes"),
    category="imports",
    personal=("head", "report"),
    plain={
        "path": "what the file is called by the system that wrote it",
        "stamp": "its time or version",
        "sha256": "which content it was, as a hash of all of it",
        "state": "whether it has been read, from a fixed list",
        "layout": "how its columns stand, with their names",
    },
    doing=Doing.DELETE,
    erase=erasing.forget_files,
    order=11,
)
PARTS = Store(
    model="files.UploadPart",
    label=_("Foyer's copies of uploaded files"),
    category="imports",
    personal=("content",),
    doing=Doing.GOES_WITH,
    order=11,
)
FREE = (Free("files.Mapping", "Names of columns and what they mean; no row of a file."),)


def register() -> None:
    personal_data.register(FILES, PARTS, *FREE)
    personal_data.register_destinations("files", erasing.destination)
