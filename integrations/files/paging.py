"""One file → pages of packed rows, going on after any of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from integrations.connectors import Page, Raw
from integrations.errors import ConfigurationError
from integrations.files.layout import Layout
from integrations.files.models import ImportFile
from integrations.files.places import CHUNK
from integrations.files.read import Report, read
from integrations.files.rows import packed
from integrations.files.sniff import sniff
from integrations.files.spec import Bound, Spec, bind
from integrations.files.uploading import HEAD_WORKBOOK, keep_head

PAGE_ROWS = 20_000


def pages_of(file: ImportFile, stream: BinaryIO, spec: Spec, *, skip: int) -> Iterator[Page]:
    """Rows after the first `skip`. The last page says so, and by then the file's report is saved."""
    layout = layout_of(stream, spec)
    bound = laid_on(spec, layout, file.name)
    _remember(file, stream, layout)
    report = Report()
    pack = bound.packer()
    lines = islice(read(stream, layout, report), skip, None)
    done = skip
    while True:
        rows: list[Raw] = [packed(line, pack) for line in islice(lines, PAGE_ROWS)]
        done += len(rows)
        end = len(rows) < PAGE_ROWS
        if end:
            _save_report(file, report, bound)
        yield Page(rows=rows, cursor=_cursor(file, done, end=end), total=None)
        if end:
            return


def _cursor(file: ImportFile, row: int, *, end: bool) -> dict[str, Any]:
    return {"run": file.run_id, "file": file.pk, "row": row, "end": end}


def layout_of(stream: BinaryIO, spec: Spec) -> Layout:
    """As the mapping fixes it, and found out where it does not."""
    options = spec.options
    layout = sniff(stream, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet)
    stream.seek(0)
    return layout


def laid_on(spec: Spec, layout: Layout, name: str) -> Bound:
    """A mapped column that is missing stops the file: guessing would put values in wrong places."""
    bound = bind(spec, layout.header)
    if bound.missing:
        raise ConfigurationError(
            _(
                "“%(name)s” has no column %(columns)s, which the mapping needs. "
                "Nothing was taken in. Look at the mapping."
            )
            % {"name": name, "columns": ", ".join(f"“{column}”" for column in bound.missing[:5])}
        )
    return bound


def _remember(file: ImportFile, stream: BinaryIO, layout: Layout) -> None:
    if not file.head:
        whole = layout.kind == "xlsx" and file.size <= HEAD_WORKBOOK
        keep_head(file, stream.read(file.size if whole else CHUNK))
        stream.seek(0)
    file.layout = layout.to_json()
    file.save(update_fields=["layout"])


def _save_report(file: ImportFile, report: Report, bound: Bound) -> None:
    file.report = report.to_json() | {"unknown": list(bound.unknown)[:50]}
    file.save(update_fields=["report"])
