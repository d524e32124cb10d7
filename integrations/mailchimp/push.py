"""Applies a plan, one batch of at most 500 contacts at a time.

Right before a batch goes, everything about its contacts is asked again: what changed at Mailchimp
(before somebody is raised), what the ledger answers, what they bought. A batch that was sent but not
written down is simply sent again: it says what a contact should be, not what to add.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import transaction
from django.utils.dateparse import parse_datetime

from cdp.lib import sql
from consent import answers
from integrations.errors import Rejected
from integrations.mailchimp import deciding, pulling
from integrations.mailchimp.client import BATCH, Json, Mailchimp, Refused, Upserted
from integrations.mailchimp.models import Action, ItemState, Plan, PlanItem
from integrations.mailchimp.outcomes import MOST_ATTEMPTS, WORDS, Meaning, meaning
from integrations.mailchimp.refusals import person_said_no
from integrations.mailchimp.settings import AudienceSettings
from integrations.mailchimp.untag import untag

ANSWERED_BY_BATCH = (Action.UNSUBSCRIBE, Action.RAISE, Action.ADD, Action.UPDATE, Action.TAG)
TAGS_ONLY = (Action.TAG, Action.UNTAG)
"""Whether Mailchimp notes these as changes of the member is not known, so no pull must confirm them."""


@dataclass
class Batch:
    """One action for up to 500 contacts. `wishes` are the freshest, by identifier."""

    plan: Plan
    settings: AudienceSettings
    client: Mailchimp
    items: list[PlanItem]
    wishes: dict[int, Json] = field(default_factory=dict)
    members: list[Json] = field(default_factory=list)
    results: list[Json] = field(default_factory=list)
    refused: list[PlanItem] = field(default_factory=list)

    @property
    def action(self) -> str:
        return self.items[0].action

    @property
    def wanted(self) -> list[PlanItem]:
        return [item for item in self.items if item.identifier_id in self.wishes]

    def wish(self, item: PlanItem) -> Json:
        return self.wishes[item.identifier_id]

    def came(self, item: PlanItem, state: ItemState, error: str = "") -> None:
        self.results.append({"id": item.pk, "state": state.value, "error": error})

    def done(self, item: PlanItem, **seen: Any) -> None:
        """The other side took it. `seen`: status, pushed, and whatever else it told."""
        wish = self.wish(item)
        tags = {*wish["worn"], *wish["tag"]} - {*wish["untag"]}
        known = {"address": wish["address"], "contact_id": "", "hash": "", "tags": sorted(tags)}
        known |= {"identifier_id": item.identifier_id, "confirm": self.action not in TAGS_ONLY}
        self.members.append(known | seen)
        self.came(item, ItemState.DONE)

    def drop(self, item: PlanItem, reason: str) -> None:
        """Not wanted any more; the next plan looks at the contact anew."""
        self.wishes.pop(item.identifier_id, None)
        self.came(item, ItemState.DROPPED, reason)

    def again(self, item: PlanItem, error: str) -> None:
        last = item.attempts + 1 >= MOST_ATTEMPTS
        self.came(item, ItemState.FAILED if last else ItemState.RETRY, error)


def push_batch(plan: Plan, settings: AudienceSettings, client: Mailchimp) -> Counter[str] | None:
    """The next batch; counts by action and failures. None when nothing waits any more."""
    items = _next(plan)
    if not items:
        return None
    batch = Batch(plan, settings, client, items)
    if batch.action == Action.RAISE:
        _look_again(batch)
    _ask_again(batch)
    deciding.ask(batch)
    if batch.wanted:
        _send(batch)
    _write_down(batch)
    return _counted(batch)


def _next(plan: Plan) -> list[PlanItem]:
    waiting = list(plan.items.waiting().order_by("attempts", "order", "pk")[:BATCH])
    return [item for item in waiting if item.order == waiting[0].order]


def _look_again(batch: Batch) -> None:
    """Who changed at Mailchimp since the pull: the last moment to see a no before somebody is raised."""
    since = pulling.shortly_before(batch.plan.run.cursor["began"])
    offset, more = 0, True
    while more:
        page = batch.client.members(batch.settings.audience, status="", since=since, offset=offset)
        pulling.remember(batch.settings, page.members)
        offset += len(page.members)
        more = bool(page.members) and offset < page.total


def _ask_again(batch: Batch) -> None:
    """The ledger's answers and what should be, once more for these contacts only."""
    ids = [item.identifier_id for item in batch.items]
    with transaction.atomic():
        answers.refresh(identifier_ids=ids)
        work_out(batch.settings, ids)
        fresh = {row["identifier_id"]: row for row in sql.rows("integrations/mailchimp/fresh")}
    for row in fresh.values():
        row["fields"] = orjson.loads(row["fields"])
    for item in batch.items:
        wish = fresh.get(item.identifier_id)
        if wish and _still_fits(item.action, wish["action"]):
            batch.wishes[item.identifier_id] = wish
        else:
            batch.came(item, ItemState.DROPPED, wish["reason"] if wish else "")


def _still_fits(planned: str, now: str) -> bool:
    """As planned; or a no that came meanwhile, which any contact of a batch can carry and must not wait."""
    return now == planned or (now == Action.UNSUBSCRIBE and planned in ANSWERED_BY_BATCH)


def work_out(settings: AudienceSettings, ids: list[int] | None = None) -> None:
    """What should be, and the step to it, in temporary tables of this transaction."""
    given = {
        "connection": settings.connection_id,
        "source": settings.source_id,
        "own_similar": settings.own_similar,
        "ids": ids,
    }
    ask = "ask_all" if ids is None else "ask_some"
    for name in ("memory", "clear_ask", ask, "look_at_asked", "wish", "look_at_wish", "compare"):
        sql.run(f"integrations/mailchimp/{name}", given).close()


# Sending


def _send(batch: Batch) -> None:
    if batch.action == Action.ARCHIVE:
        _archive(batch)
        return
    if batch.action in ANSWERED_BY_BATCH:
        _upsert(batch, batch.wanted)
    else:
        for item in batch.wanted:
            batch.done(item, status=batch.wish(item)["there"], pushed="")
    failed = untag(batch.client, batch.settings, _to_untag(batch))
    _keep_tags(batch, failed)


def _upsert(batch: Batch, items: Sequence[PlanItem]) -> None:
    """A batch that is refused as a whole is halved until the contact to blame stands alone."""
    try:
        answer = batch.client.upsert(batch.settings.audience, [_member(batch.wish(i)) for i in items])
    except Rejected as error:
        if len(items) == 1:
            batch.came(items[0], ItemState.FAILED, str(error))
            return
        half = len(items) // 2
        _upsert(batch, items[:half])
        _upsert(batch, items[half:])
        return
    for item in items:
        _answered(batch, item, answer)


def _member(wish: Json) -> Json:
    member = {
        "email_address": wish["address"],
        "status_if_new": wish["status_if_new"],
        "merge_fields": wish["fields"],
    }
    if wish["status"]:
        member["status"] = wish["status"]
    if wish["tag"]:
        member["tags"] = wish["tag"]
    return member


def _answered(batch: Batch, item: PlanItem, answer: Upserted) -> None:
    wish = batch.wish(item)
    member = answer.members.get(wish["address"])
    if member is not None:
        is_new = wish["address"] in answer.new
        asked = wish["status"] or (wish["status_if_new"] if is_new else "")
        status = str(member.get("status") or asked)
        pushed = asked if asked == status else ""
        told: Json = {"status": status, "pushed": pushed, "contact_id": str(member.get("contact_id") or "")}
        if not _will_be_seen(batch, member):
            told["confirm"] = False
        batch.done(item, hash=wish["hash"], **told)
        return
    error = answer.errors.get(wish["address"])
    if error is None:
        batch.again(item, str(WORDS[Meaning.AGAIN]))
    else:
        _failed(batch, item, error)


def _will_be_seen(batch: Batch, member: Json) -> bool:
    """Whether the next pull must show it. A member that needed no change keeps its old `last_changed`."""
    changed, began = parse_datetime(str(member.get("last_changed"))), batch.plan.run.cursor["began"]
    return changed is None or changed >= dt.datetime.fromisoformat(pulling.shortly_before(began))


def _failed(batch: Batch, item: PlanItem, error: str) -> None:
    found = meaning(error)
    if found is Meaning.AGAIN:
        batch.again(item, str(WORDS[found]))
        return
    if found is Meaning.COMPLIANCE:
        person_said_no(batch.settings, batch.client, item.identifier_id, batch.wish(item)["address"])
    if found is Meaning.FOR_GOOD:
        batch.refused.append(item)
    if found is Meaning.FORGOTTEN:
        batch.members.append(_forgotten(item, batch.wish(item)))
    batch.came(item, ItemState.FAILED, str(WORDS[found]))


def _forgotten(item: PlanItem, wish: Json) -> Json:
    gone = {"contact_id": "", "status": "forgotten", "pushed": "", "tags": [], "hash": "", "confirm": False}
    return gone | {"identifier_id": item.identifier_id, "address": wish["address"]}


def _archive(batch: Batch) -> None:
    for item in batch.wanted:
        try:
            batch.client.archive(batch.settings.audience, batch.wish(item)["address"])
        except Refused as error:
            batch.came(item, ItemState.FAILED, str(error))
        else:
            batch.done(item, status="archived", pushed="archived")


def _to_untag(batch: Batch) -> dict[str, list[str]]:
    """Addresses by tag, of the contacts that went through."""
    went = {result["id"] for result in batch.results if result["state"] == ItemState.DONE}
    asked: dict[str, list[str]] = {}
    for item in batch.wanted:
        for tag in batch.wish(item)["untag"] if item.pk in went else ():
            asked.setdefault(tag, []).append(batch.wish(item)["address"])
    return asked


def _keep_tags(batch: Batch, failed: Iterable[tuple[str, str]]) -> None:
    """A tag that would not come off is still worn: the contact is tried again."""
    worn: dict[str, list[str]] = {}
    for tag, address in failed:
        worn.setdefault(address, []).append(tag)
    by_address = {member["address"]: member for member in batch.members}
    states = {result["id"]: result for result in batch.results}
    for item in batch.wanted:
        address = batch.wish(item)["address"]
        if address in worn and address in by_address:
            by_address[address]["tags"] = sorted({*by_address[address]["tags"], *worn[address]})
            last = item.attempts + 1 >= MOST_ATTEMPTS
            states[item.pk] |= {
                "state": (ItemState.FAILED if last else ItemState.RETRY).value,
                "error": str(WORDS[Meaning.AGAIN]),
            }


# Writing down


def _write_down(batch: Batch) -> None:
    with transaction.atomic():
        _save(batch, "pushed", batch.members)
        _save(batch, "refused", [{**batch.wish(i), "identifier_id": i.identifier_id} for i in batch.refused])
        sql.run("integrations/mailchimp/outcome", {"rows": _json(batch.results)}).close()


def _save(batch: Batch, statement: str, rows: list[Json]) -> None:
    if rows:
        given = {"connection": batch.settings.connection_id, "rows": _json(rows)}
        sql.run(f"integrations/mailchimp/{statement}", given).close()


def _json(rows: list[Json]) -> str:
    return orjson.dumps(rows).decode()


def _counted(batch: Batch) -> Counter[str]:
    tally: Counter[str] = Counter()
    for result in batch.results:
        state = result["state"]
        tally[batch.action if state == ItemState.DONE else state] += 1
    return tally
