"""Uploaded tables as a source, so that they go the way every row goes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cdp.lib.tenancy import current_schema
from integrations.byhand.nouns import NOUNS, Noun
from integrations.connectors import Connector, Page, Raw
from integrations.errors import ConfigurationError, Rejected
from integrations.models import Run, Upload
from integrations.models.parcel import pack
from integrations.rawrows import erased_row
from organisations.models import Organisation
from organisations.personal_data import FeedField
from profiles.rows import CanonicalRow

PAGE = 5000


class ByHandConnector(Connector):
    slug = "by_hand"
    name = gettext_lazy("Uploaded by hand")
    offered = False
    docs = "docs/how-to/upload-and-download.md"
    reads = frozenset({"people", "orders", "claims"})
    icon = "upload"
    source_kind = "upload"

    def check(self) -> None:
        """There is no other side."""

    def data_map(self) -> list[FeedField]:
        return [FeedField(name, noun.label) for noun in NOUNS.values() for name in noun.columns()]

    def pull(self, cursor: dict[str, Any]) -> Iterator[Page]:
        rows = self.upload.rows()
        for start in range(cursor.get("row", 0), len(rows), PAGE):
            page = rows[start : start + PAGE]
            yield Page(page, {"row": start + len(page)}, total=len(rows))

    def to_row(self, raw: Raw, number: int) -> CanonicalRow:
        if not isinstance(raw, dict):
            raise Rejected(_("This is not a row of an uploaded table."))
        return self.noun.read(raw, number, self.upload.point, self.zone)

    def named_erased(self, run: Run, numbers: Collection[int]) -> None:
        """The upload's rows are the run's, in the same order."""
        rows: list[Raw] = list(self.upload.rows())
        for number in numbers:
            rows[number - 1] = erased_row(number)
        Upload.objects.filter(pk=self.upload.pk).update(content=pack(rows))

    @cached_property
    def upload(self) -> Upload:
        found = Upload.objects.filter(run=self.run).first() if self.run else None
        if found is None:
            raise ConfigurationError(_("A run of this kind is started by uploading a file."))
        return found

    @cached_property
    def zone(self) -> ZoneInfo:
        organisation: Organisation = Organisation.objects.get(schema_name=current_schema())
        return organisation.zone

    @cached_property
    def noun(self) -> Noun:
        return NOUNS[self.upload.noun]
