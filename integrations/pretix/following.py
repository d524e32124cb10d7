"""Following the changes: which orders and customers come next, and where to go on.

Pages by number would lose orders: one that changes while we read moves to the end, all others
move up, and the first of the next page has then slipped onto the page just read. So every page is
asked for anew from the last change seen (`modified_since` includes its own moment), and what was
seen already is left out by (event, code, last_modified).
"""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from operator import itemgetter
from typing import Any

from django.utils.dateparse import parse_datetime

from integrations.pretix.asking import Shop, results

OVERLAP = dt.timedelta(minutes=5)
"""An order gets its time of change when it is saved and shows when its transaction ends: the next
pull begins this much before the server's time of this one."""

MOST_REMEMBERED = 1_000
"""More changes than this within the overlap are read a second time, and change nothing then."""


@dataclass(slots=True)
class Trail:
    """How far the orders have been followed. Kept as JSON in the connection's cursor.

    `since` is what to ask for next; `floor` is where the next pull begins, by the server's clock;
    `seen` maps what was read and may come again to its time of change. `started` is the server's
    time when this pull began, `total` how many orders there were to read then.
    """

    since: str = ""
    floor: str = ""
    started: str = ""
    total: int = 0
    seen: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, kept: dict[str, Any]) -> Trail:
        return cls(**_known(cls, kept))

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    def begin(self, server_time: str, count: int | None) -> None:
        """The first answer of a pull tells the server's time; a resumed pull keeps its own."""
        if not self.floor:
            moment = parse_datetime(server_time)
            self.floor = max(self.since, _text(moment - OVERLAP)) if moment else self.since
            self.started = _text(moment) if moment else ""
            self.total = count or 0

    def fresh(self, rows: list[Any]) -> list[Any]:
        """The rows not seen yet, which are remembered."""
        new = [row for row in rows if _mark(row) not in self.seen]
        self.seen.update({_mark(row): changed(row) for row in new})
        return new

    def move(self, to: str) -> None:
        """Forgets what cannot come again."""
        self.since = max(self.since, to)
        self._prune(min(self.since, self.floor or self.since))

    def rest(self) -> None:
        """The pull is over: the next one begins at the floor."""
        self.since, self.floor = self.floor or self.since, ""
        self._prune(self.since)

    def _prune(self, before: str) -> None:
        kept = sorted(self.seen.items(), key=itemgetter(1))[-MOST_REMEMBERED:]
        self.seen = {mark: moment for mark, moment in kept if moment >= before}


def follow(shop: Shop, trail: Trail) -> Iterator[tuple[list[Any], bool]]:
    """Batches of changed orders, oldest change first, and whether it was the last; the trail has moved
    on with each.

    More than a page may share one moment of change (a mass refund). Within that moment there are
    only page numbers to go by, so it is read until a whole pass brings nothing new.
    """
    page, found = 1, False
    while True:
        answer = shop.orders(trail.since, page)
        if not answer.ok:
            page, found = 1, False
            continue
        rows, told = results(answer)
        trail.begin(answer.headers.get("x-page-generated", ""), told.get("count"))
        more = bool(told.get("next"))
        newest = max(map(changed, rows), default="")
        new = trail.fresh(rows)
        if more and newest <= trail.since:
            page, found = page + 1, found or bool(new)
        elif found:
            page, found = 1, False
        else:
            page = 1
            trail.move(newest)
            if not more:
                trail.rest()
                yield new, True
                return
        yield new, False


@dataclass(slots=True)
class Round:
    """A walk through all customers, of whom those changed since `since` are wanted.

    `page` is 0 between walks. `until` becomes the next `since`, `started` is the server's time at
    the beginning, `seen` what has been read and may be wanted again. The list is sorted by e-mail
    address, so a customer who gets another address during the walk moves, and may push one we have
    not read onto a page we have: when that happened (`moved`) the walk is made once more.
    """

    since: str = ""
    page: int = 0
    until: str = ""
    started: str = ""
    again: bool = False
    moved: bool = False
    heard: int = 0
    """The newest webhook delivery whose customer has been fetched."""
    seen: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, kept: dict[str, Any]) -> Round:
        return cls(**_known(cls, kept))

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    def begin(self, trail: Trail, *, heard: int) -> None:
        """Right after the orders, whose beginning counts as this walk's too."""
        self.page, self.until, self.started = 1, trail.since, trail.started
        self.heard, self.again, self.moved = heard, False, False

    def fresh(self, rows: list[Any]) -> list[Any]:
        """Those wanted and not seen yet. Rows without a time are handed on, to be shown as failed."""
        late = [row for row in rows if not changed(row) or changed(row) >= self.since]
        new = [row for row in late if _mark(row) not in self.seen]
        self.seen.update({_mark(row): changed(row) for row in new if changed(row) >= self.until})
        self.moved = self.moved or any(changed(row) >= self.started for row in new)
        return new

    def turn(self, more: bool) -> bool:
        """On to the next page; False when the walk is over."""
        if more:
            self.page += 1
        elif self.moved and not self.again:
            self.page, self.again, self.moved = 1, True, False
        else:
            self.since, self.page = self.until, 0
            self.seen = {mark: moment for mark, moment in self.seen.items() if moment >= self.since}
        return self.page > 0


def walk(shop: Shop, round_: Round) -> Iterator[tuple[list[Any], int | None]]:
    """Batches of changed customers, with how many customers there are in all."""
    while True:
        answer = shop.customers(round_.page)
        rows, told = results(answer) if answer.ok else ([], {})
        wanted = round_.fresh(rows)
        going = round_.turn(bool(told.get("next")))
        yield wanted, told.get("count")
        if not going:
            return


def changed(row: Any) -> str:
    """Time of change in UTC, as text that sorts; '' for a row that has none."""
    moment = row.get("last_modified") if isinstance(row, dict) else None
    try:
        parsed = parse_datetime(moment) if isinstance(moment, str) else None
    except ValueError:
        parsed = None
    return _text(parsed) if parsed else ""


def _text(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _known(cls: type[Trail | Round], kept: dict[str, Any]) -> dict[str, Any]:
    """A cursor that an older Foyer wrote may lack fields or have others."""
    return {each.name: copy.copy(kept[each.name]) for each in fields(cls) if each.name in kept}


def _mark(row: Any) -> str:
    """(event, code, last_modified), short. A row without them is told by its whole text."""
    name = (row.get("code") or row.get("identifier")) if isinstance(row, dict) else None
    what = f"{row.get('event')}/{name}/{row.get('last_modified')}" if name else repr(row)
    return hashlib.sha256(what.encode()).hexdigest()[:16]
