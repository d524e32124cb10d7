"""Files as a source: a table that lies in a folder, on an SFTP server, in a bucket, or was uploaded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cdp.lib.tenancy import current_schema
from integrations.addresses import deadline
from integrations.connectors import Connector, Field, Page, Preset, Raw
from integrations.errors import ConfigurationError, ConnectorError
from integrations.files import claiming, erasing, spool, uploading
from integrations.files.cellwise import Defaults
from integrations.files.layout import UnreadableFile
from integrations.files.mapper import Mapper
from integrations.files.models import ImportFile
from integrations.files.models import Mapping as MappingModel
from integrations.files.paging import pages_of
from integrations.files.places import FolderPlace, Place, S3Place, SftpPlace, folder_root
from integrations.files.presets import PRESETS
from integrations.files.rows import as_cells, broken, put_together
from integrations.files.spec import Spec, is_zone
from integrations.files.starting import first_mapping
from integrations.files.targets import BY_KEY
from integrations.models import Run
from organisations.models import Organisation
from organisations.personal_data import FeedField
from profiles.rows import CanonicalRow

CURRENCIES = {"NO": "NOK", "DK": "DKK", "SE": "SEK", "US": "USD", "GB": "GBP", "CH": "CHF", "IS": "ISK"}
GLANCE_SECONDS = 15.0
"""The mapping page waits no longer for a look at the place."""
SFTP: Mapping[str, tuple[str, ...]] = {"place": ("sftp",)}
S3: Mapping[str, tuple[str, ...]] = {"place": ("s3",)}
ELSEWHERE: Mapping[str, tuple[str, ...]] = {"place": ("folder", "sftp", "s3")}


class FileConnector(Connector):
    slug = "file"
    name = gettext_lazy("Files (CSV, Excel)")
    about = gettext_lazy("Any other system that writes a table: you say what its columns mean.")
    docs = "docs/how-to/import-a-file.md"
    reads = frozenset({"people", "orders", "claims"})
    rate_limit = gettext_lazy("None.")
    icon = "file-spreadsheet"
    source_kind = "ticketing"
    pages = ((gettext_lazy("Files and columns"), "files:mapping"),)
    begins_at = "files:mapping"
    presets = tuple(
        Preset(preset.slug, preset.name, preset.help, {"preset": preset.slug, "pattern": preset.pattern})
        for preset in PRESETS.values()
    )
    fields = (
        Field(
            "place", gettext_lazy("Where the files lie"), "choice", default="upload",
            choices=(
                ("upload", gettext_lazy("I upload them by hand")),
                ("folder", gettext_lazy("In a folder on Foyer's server")),
                ("sftp", gettext_lazy("On an SFTP server")),
                ("s3", gettext_lazy("In an S3 bucket")),
            ),
        ),
        Field(
            "folder", gettext_lazy("Folder"), required=False, default="", only_if=ELSEWHERE,
            help=gettext_lazy("On Foyer's server: inside your organisation's folder. S3: bucket/folder."),
        ),
        Field(
            "pattern", gettext_lazy("Names of the files"), required=False, default="*", only_if=ELSEWHERE,
            help=gettext_lazy("For example tickets-*.csv. Other files are left alone."),
        ),
        Field("host", gettext_lazy("SFTP server"), default="", only_if=SFTP),
        Field("port", gettext_lazy("Port"), "integer", required=False, default=22, only_if=SFTP),
        Field("user", gettext_lazy("User name"), default="", only_if=SFTP),
        Field(
            "password", gettext_lazy("Password, or the private key's"), "secret", secret=True,
            required=False, default="", only_if=SFTP,
        ),
        Field(
            "private_key", gettext_lazy("Private key"), "secret", secret=True,
            required=False, default="", only_if=SFTP,
        ),
        Field(
            "host_key", gettext_lazy("The server's key"), required=False, default="", only_if=SFTP,
            help=gettext_lazy("SHA256:… Leave it empty and press “Try it” to see which one it shows."),
        ),
        Field(
            "endpoint", gettext_lazy("S3 address"), "url", required=False, default="", only_if=S3,
            help=gettext_lazy("Empty for Amazon."),
        ),
        Field("region", gettext_lazy("S3 region"), required=False, default="", only_if=S3),
        Field("access_key", gettext_lazy("S3 access key"), required=False, default="", only_if=S3),
        Field(
            "secret_key", gettext_lazy("S3 secret key"), "secret", secret=True,
            required=False, default="", only_if=S3,
        ),
        Field(
            "preset", gettext_lazy("Ready-made columns"), "choice", required=False, default="",
            choices=(("", gettext_lazy("None")), *((p.slug, p.name) for p in PRESETS.values())),
        ),
    )  # fmt: skip

    # --- where ---------------------------------------------------------------------

    @cached_property
    def place(self) -> Place | None:
        """None when files are only uploaded."""
        kind = self.setting("place")
        folder, pattern = str(self.setting("folder") or ""), str(self.setting("pattern") or "*")
        if kind == "folder":
            return FolderPlace(folder, pattern, root=folder_root(_organisation().slug))
        if kind == "sftp":
            return SftpPlace(
                folder, pattern, host=self._needed("host"), port=int(self.setting("port") or 22),
                user=self._needed("user"), host_key=self.setting("host_key") or "",
                password=self.setting("password") or "", private_key=self.setting("private_key") or "",
            )  # fmt: skip
        if kind == "s3":
            return S3Place(
                self._needed("folder"), pattern, endpoint=self.setting("endpoint") or "",
                key=self.setting("access_key") or "", secret=self.setting("secret_key") or "",
                region=self.setting("region") or "",
            )  # fmt: skip
        return None

    def _needed(self, key: str) -> str:
        found = str(self.setting(key) or "").strip()
        if not found:
            label = next(field.label for field in self.fields if field.key == key)
            raise ConfigurationError(_("“%(label)s” is empty.") % {"label": label})
        return found

    @classmethod
    def comes_by_itself(cls, config: Mapping[str, Any]) -> bool:
        return config.get("place") != "upload"

    def check(self) -> None:
        if self.place is not None:
            try:
                self.place.look()
            finally:
                self.place.close()

    def glance(self) -> None:
        """Fetches the newest file's beginning for the mapping editor, if the place can be reached."""
        if self.place is None:
            return
        try:
            with deadline.within(GLANCE_SECONDS):
                self._keep_newest_head(self.place)
        except (ConnectorError, UnreadableFile):
            return  # the editor says that there is no file; “Try it” says why
        finally:
            self.place.close()

    def _keep_newest_head(self, place: Place) -> None:
        claiming.note(self.connection, place.look())
        found = ImportFile.objects.filter(connection=self.connection, is_upload=False)
        newest = found.order_by("-pk").first()
        if newest is not None:
            uploading.keep_head(newest, place.head(newest.path, uploading.HEAD_WORKBOOK))

    def data_map(self) -> list[FeedField]:
        """The columns as mapped; what goes to an own field is kept, and nothing reads it."""
        mapping = MappingModel.objects.active_of(self.connection.pk)
        columns = mapping.read().columns if mapping else ()
        return [
            FeedField(column.title, BY_KEY[column.target].label, used=column.target != "buyer.attribute")
            for column in columns
            if column.target in BY_KEY
        ]

    # --- reading -------------------------------------------------------------------

    def pull(self, cursor: dict[str, Any]) -> Iterator[Page]:
        """Files one after the other. The cursor names the file and how many rows of it are saved."""
        assert self.run is not None, "files are pulled for a run"
        try:
            for file in self._turn(self.run, cursor):
                yield from self._pages(file, cursor)
                spool.drop(file)
        except UnreadableFile as error:
            raise ConfigurationError(str(error)) from error
        finally:
            spool.sweep()
            if self.place is not None:
                self.place.close()

    def _turn(self, run: Run, cursor: Mapping[str, Any]) -> list[ImportFile]:
        """The run's files from where it stands; claimed once, at its first unit."""
        mine = claiming.claimed_by(run)
        if not mine:
            mine = self._claim(run)
        if cursor.get("run") != run.pk:
            return mine
        return [
            file
            for file in mine
            if file.pk > cursor["file"] or (file.pk == cursor["file"] and not cursor["end"])
        ]

    def _claim(self, run: Run) -> list[ImportFile]:
        wanted = run.options.get("file")
        if isinstance(wanted, str):
            wanted = self._handed_over(wanted)
        mapping = MappingModel.objects.active_of(self.connection.pk)
        if mapping is None:
            mapping = first_mapping(self.connection, wanted, self.place)
        if wanted:
            return claiming.claim_one(run, mapping, wanted)
        return claiming.take_turn(run, mapping, self.place)

    def _handed_over(self, path: str) -> int:
        """A path an operator named on the command line of this machine."""
        try:
            with Path(path).open("rb") as stream:
                return uploading.receive(
                    connection=self.connection, name=Path(path).name, stream=stream, actor=None
                ).pk
        except OSError as error:
            raise ConfigurationError(_("There is no file “%(path)s”.") % {"path": path}) from error

    def _pages(self, file: ImportFile, cursor: Mapping[str, Any]) -> Iterator[Page]:
        assert file.mapping is not None, "a claimed file has its mapping"
        here = cursor.get("file") == file.pk and cursor.get("run") == file.run_id
        with spool.opened(file, self.place) as stream:
            yield from pages_of(file, stream, file.mapping.read(), skip=cursor["row"] if here else 0)

    # --- one row -------------------------------------------------------------------

    @cached_property
    def mapping(self) -> MappingModel:
        """The mapping the run's files were claimed with, else the one in force."""
        mapping = None
        if self.run is not None:
            used = MappingModel.objects.filter(
                pk__in=ImportFile.objects.filter(run=self.run).values("mapping")
            )
            mapping = used.first()
        mapping = mapping or MappingModel.objects.active_of(self.connection.pk)
        if mapping is None:
            raise ConfigurationError(_("Nobody has said yet what the columns mean."))
        return mapping

    @cached_property
    def spec(self) -> Spec:
        return self.mapping.read()

    @cached_property
    def mapper(self) -> Mapper:
        return Mapper(self.spec, defaults_for(self.spec, self.connection.source.country))

    def reading(self) -> str:
        return self.spec.reading()

    def to_row(self, raw: Raw, number: int) -> CanonicalRow:
        if isinstance(raw, dict):
            return broken(raw, number)
        return self.mapper.row(raw, number, raw)

    def cells(self, raw: Raw) -> dict[str, str]:
        return as_cells(raw, self.spec.titles)

    def with_cells(self, raw: Raw, changes: Mapping[str, str]) -> Raw:
        return put_together(raw, self.spec.titles, changes)

    def column_for(self, field: str) -> str:
        """The column that was read as the buyer's `field`, such as email; a phone may be a mobile's."""
        targets = [f"buyer.{field}", *(["buyer.mobile"] if field == "phone" else [])]
        titled = zip(self.spec.pairs, self.spec.titles, strict=True)
        return next((title for (_at, column), title in titled if column.target in targets), "")

    # --- after ---------------------------------------------------------------------

    def named_erased(self, run: Run, numbers: Collection[int]) -> None:
        erasing.note(run)

    def ingested(self, run: Run) -> None:
        claiming.finish(run)
        erasing.empty_noted(run)

    def released(self, run: Run) -> None:
        claiming.let_go(run)


def _organisation() -> Organisation:
    found: Organisation = Organisation.objects.get(schema_name=current_schema())
    return found


def defaults_for(spec: Spec, source_country: str) -> Defaults:
    """What the file does not say: the source's country, the organisation's clock."""
    organisation = _organisation()
    country = spec.options.country or source_country or organisation.country
    zone = spec.options.time_zone if is_zone(spec.options.time_zone) else str(organisation.time_zone)
    return Defaults(ZoneInfo(zone), country, spec.options.currency or CURRENCIES.get(country, "EUR"))
