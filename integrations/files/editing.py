"""The mapping editor's view of a file: one line per column, and the mapping read back from the form."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, cast, get_args
from zlib import decompress

from django.http import QueryDict
from django.utils.translation import gettext as _

from consent.models import CollectionPoint
from consent.models.asking import Channel
from integrations.files import meanings
from integrations.files.drafting import Draft, asked, draft
from integrations.files.judge import Look
from integrations.files.layout import UnreadableFile, occurrences
from integrations.files.models import ImportFile
from integrations.files.models import Mapping as MappingModel
from integrations.files.points import verified_points
from integrations.files.spec import (
    Column,
    ConsentSetup,
    Moment,
    Offered,
    Options,
    Problem,
    RowKind,
    Spec,
    bind,
    problems,
)
from integrations.files.targets import BY_KEY
from integrations.files.values import BadValue
from integrations.models import Connection

MOST_COLUMNS = 1_000
COUNTRIES = ("NO", "DK", "SE", "FI", "NL", "DE", "IS", "GB", "US")


@dataclass(slots=True)
class Line:
    """One column as the editor shows it. `at` is its place among the mapping's columns."""

    at: int
    column: Column
    samples: tuple[str, ...] = ()
    filled: int = 0
    copies: int = 1
    never: bool = False
    fresh: bool = False
    missing: bool = False
    open_dates: bool = False
    open_decimal: bool = False
    mixed: bool = False
    sure: bool = True
    problems: list[str] = field(default_factory=list)
    point: CollectionPoint | None = None
    vouch: bool = False

    @property
    def kind(self) -> str:
        target = BY_KEY.get(self.column.target)
        return target.kind if target else ""

    @property
    def asks_dates(self) -> bool:
        return self.kind in ("date", "moment") and self.column.dates != "ymd"

    @property
    def asks_decimal(self) -> bool:
        return self.kind == "money"

    @property
    def asks_name(self) -> bool:
        return self.column.target in ("buyer.attribute", "buyer.identifier")

    @property
    def asks_consent(self) -> bool:
        return self.column.target == "consent.answer"


@dataclass(slots=True)
class Editor:
    connection: Connection
    file: ImportFile
    draft: Draft
    spec: Spec
    lines: list[Line]
    whole: list[str] = field(default_factory=list)
    """Problems of the mapping as a whole."""

    @property
    def is_usable(self) -> bool:
        return not self.whole and not any(line.problems for line in self.lines)


def head_of(file: ImportFile) -> BytesIO:
    if not file.head:
        raise UnreadableFile(_("Foyer keeps no copy of this file. Upload one to work on its columns."))
    return BytesIO(decompress(file.head))


def opened(
    connection: Connection, file: ImportFile, *, preset: str | None, version: MappingModel | None
) -> Editor:
    """The editor as it first shows: the mapping there is, laid onto the file, else a proposal."""
    found = draft(
        connection, head_of(file), preset=preset, options=version.read().options if version else None
    )
    spec = _laid_on(connection, version.read(), found) if version else found.spec
    return _editor(connection, file, found, spec, vouched=())


def posted(connection: Connection, file: ImportFile, data: QueryDict) -> tuple[Editor, set[str]]:
    """The editor as a person has filled it in, and the points they vouch for."""
    options = _options(data)
    found = draft(connection, head_of(file), options=options)
    columns = [_posted_column(connection, data, at) for at in range(_count(data, "columns"))]
    spec = Spec(tuple(columns), options)
    if _was_cut_anew(spec, found):
        spec = _laid_on(connection, spec, found)
    vouched = {
        column.consent.point
        for at, column in enumerate(spec.columns)
        if column.consent is not None and data.get(f"vouch-{at}")
    }
    return _editor(connection, file, found, spec, vouched=vouched), vouched


def _was_cut_anew(spec: Spec, found: Draft) -> bool:
    """Another delimiter, encoding or sheet: the columns on the page are not the file's any more."""
    return bool(found.layout.header) and len(bind(spec, found.layout.header).unknown) > 0


def _laid_on(connection: Connection, spec: Spec, found: Draft) -> Spec:
    """The mapping's own columns in the file's order; new ones unmapped; missing ones last."""
    left = list(spec.columns)
    columns: list[Column] = []
    styles = dict(zip(occurrences(found.layout.header), found.looks, strict=True))
    for (name, nth), look in styles.items():
        known = next((c for c in left if c.header == name and c.nth in (0, nth)), None)
        if known is not None and known.nth == 0 and nth > 1:
            continue
        if known is not None:
            if known.nth == nth:
                left.remove(known)
            columns.append(known)
        elif not any(c.header == name and c.nth == 0 for c in columns):
            columns.append(Column(name, nth, dates=look.dates, decimal=look.decimal))
    names = set(found.layout.header)
    missing = [c for c in left if c.target and (c.header not in names or c.nth > 1)]
    return replace(spec, columns=(*columns, *missing))


def _editor(
    connection: Connection, file: ImportFile, found: Draft, spec: Spec, *, vouched: Sequence[str] | set[str]
) -> Editor:
    wrong = problems(spec)
    verified = verified_points(spec)
    looks = dict(
        zip(occurrences(found.layout.header), zip(found.looks, found.suggestions, strict=True), strict=True)
    )
    lines = [_line(at, column, looks, wrong, verified, vouched) for at, column in enumerate(spec.columns)]
    whole = [problem.message for problem in wrong if problem.at is None]
    return Editor(connection, file, found, spec, lines, whole)


def _line(
    at: int,
    column: Column,
    looks: Mapping[tuple[str, int], Any],
    wrong: Sequence[Problem],
    verified: Mapping[str, CollectionPoint],
    vouched: Sequence[str] | set[str],
) -> Line:
    found = looks.get((column.header, max(1, column.nth)))
    look, suggestion = found or (Look(), None)
    copies = [other for (name, _nth), (other, _s) in looks.items() if name == column.header]
    key = column.consent.point if column.consent else ""
    never = bool(suggestion and suggestion.never)
    return Line(
        at=at,
        column=column,
        samples=() if never else _samples(copies if column.nth == 0 else [look]),
        filled=sum(one.filled for one in copies) if column.nth == 0 else look.filled,
        copies=len(copies) if column.nth == 0 else 1,
        never=never,
        fresh=bool(found) and not column.target,
        missing=found is None,
        open_dates=look.dates_open,
        open_decimal=look.decimal_open,
        mixed=look.mixed,
        sure=not suggestion or suggestion.target != column.target or suggestion.score >= 0.8,
        problems=[problem.message for problem in wrong if problem.at == at],
        point=verified.get(key),
        vouch=key in vouched,
    )


def _samples(looks: Sequence[Look]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for look in looks for text in look.samples))[:4]


# --- back from the form --------------------------------------------------------------


def _count(data: QueryDict, name: str) -> int:
    """A number the page itself has written; whatever else comes back counts as none."""
    text = data.get(name, "")
    return min(int(text), MOST_COLUMNS) if text.isdecimal() else 0


def _options(data: QueryDict) -> Options:
    statuses = {
        word: data.get(f"status-means-{k}", "")
        for k in range(_count(data, "status-words"))
        if (word := data.get(f"status-word-{k}"))
    }
    return Options(
        rows=cast(RowKind, _one_of(data.get("rows"), get_args(RowKind), "tickets")),
        encoding=data.get("encoding", ""),
        delimiter={"tab": "\t"}.get(data.get("delimiter", ""), data.get("delimiter", ""))[:1],
        sheet=data.get("sheet", ""),
        country=data.get("country", "")[:2],
        time_zone=data.get("time_zone", ""),
        currency=data.get("currency", "").upper()[:3],
        blank_status=data.get("blank_status") or "paid",
        product_kind=data.get("product_kind") or "show",
        statuses={word: meaning for word, meaning in statuses.items() if meaning},
    )


def _posted_column(connection: Connection, data: QueryDict, at: int) -> Column:
    column = Column(
        header=data.get(f"header-{at}", ""),
        nth=_count(data, f"nth-{at}"),
        target=_one_of(data.get(f"target-{at}"), BY_KEY, ""),
        name=data.get(f"name-{at}", "").strip()[:60],
        dates=data.get(f"dates-{at}", ""),
        decimal=data.get(f"decimal-{at}", ""),
    )
    if column.target != "consent.answer":
        return column
    return replace(column, consent=_posted_consent(asked(connection, column), data, at))


def _posted_consent(setup: ConsentSetup, data: QueryDict, at: int) -> ConsentSetup:
    """The answers about a permission column; as its header suggests until they are on the page."""
    if f"purpose-{at}" not in data:
        return setup
    return replace(
        setup,
        purpose=str(data.get(f"purpose-{at}") or setup.purpose)[:60],
        channels=tuple(one for one in data.getlist(f"channels-{at}") if one in Channel.values),
        words=data.get(f"words-{at}", "").strip(),
        no_is_refusal=data.get(f"no-{at}") == "refusal",
        inverted=bool(data.get(f"inverted-{at}")),
        optout_offered=cast(Offered, _one_of(data.get(f"offered-{at}"), get_args(Offered), "unknown")),
        moment=cast(Moment, _one_of(data.get(f"moment-{at}"), get_args(Moment), "flag")),
        verified_by=data.get(f"verified-by-{at}", ""),
        verified_at=data.get(f"verified-at-{at}", ""),
    )


def _one_of(given: str | None, known: Container[str], usual: str) -> str:
    return given if given is not None and given in known else usual


def unknown_statuses(editor: Editor) -> list[tuple[str, str]]:
    """(word, meaning given to it) of status words that the dictionary does not know."""
    given = dict(editor.spec.options.statuses)
    found = dict(given)
    for line in editor.lines:
        if line.kind == "status":
            found |= {word: given.get(word, "") for word in line.samples if not _is_status(word)}
    return list(found.items())


def _is_status(word: str) -> bool:
    try:
        return meanings.status(word) is not None
    except BadValue:
        return False
