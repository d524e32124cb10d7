"""The first mapping of a connection: made by its preset from the first file, else a person's work."""

from __future__ import annotations

from typing import BinaryIO

from django.utils.translation import gettext as _

from integrations.errors import ConfigurationError
from integrations.files import claiming, spool
from integrations.files.drafting import draft
from integrations.files.models import ImportFile, Mapping
from integrations.files.places import Place
from integrations.files.presets import PRESETS
from integrations.files.spec import Spec, problems
from integrations.files.versions import save_mapping
from integrations.models import Connection


def first_mapping(connection: Connection, wanted: int | None, place: Place | None) -> Mapping:
    """From the preset, if the connection has one and it fits. Its permission questions are vouched for
    by nobody, so what they bring opens nothing until a person has answered them."""
    preset = PRESETS.get(str(connection.config.get("preset") or ""))
    if preset is None:
        raise ConfigurationError(_("Nobody has said yet what the columns mean. Open “Files and columns”."))
    if place is not None:
        claiming.note(connection, place.look())
    files = ImportFile.objects.filter(connection=connection)
    file = files.get(pk=wanted) if wanted else files.waiting().order_by("pk").first()
    if file is None:
        raise ConfigurationError(_("There is no file yet. Upload one, or put one into the folder."))
    with spool.opened(file, place) as stream:
        spec, header = _drafted(connection, stream)
    if problems(spec):
        raise ConfigurationError(
            _(
                "“%(file)s” does not look like an export of %(preset)s. "
                "Open “Files and columns” and map it by hand."
            )
            % {"file": file.name, "preset": preset.name}
        )
    note = _("made from the preset")
    return save_mapping(connection=connection, spec=spec, header=header, actor=None, note=note)


def _drafted(connection: Connection, stream: BinaryIO) -> tuple[Spec, tuple[str, ...]]:
    found = draft(connection, stream)
    return found.spec, found.layout.header
