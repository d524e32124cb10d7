"""Plans: made by a run, looked at by people, applied batch by batch. Pages and commands call these verbs."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tenants.utils import tenant_context

from cdp.lib import locks, sql
from consent import answers
from integrations import runs
from integrations.errors import ConfigurationError, Rejected
from integrations.mailchimp.client import Mailchimp
from integrations.mailchimp.models import (
    Action,
    AudienceMember,
    ItemState,
    Plan,
    PlanItem,
    PlanState,
    ShowTag,
)
from integrations.mailchimp.push import push_batch, work_out
from integrations.mailchimp.settings import AudienceSettings
from integrations.mailchimp.untag import tag_id
from integrations.models import Run, RunState
from organisations.audit.verbs import record
from organisations.models import Organisation, User

if TYPE_CHECKING:
    from integrations.models import Connection

log = logging.getLogger(__name__)

GOOD_FOR = dt.timedelta(hours=24)
"""A pull older than this blocks sending (CONSENT.md 2.11): a no may have been missed."""
FRESH = dt.timedelta(minutes=15)
"""A plan this young needs no comparison with the facts as a whole; every batch asks again anyway."""
KEPT = dt.timedelta(days=30)
"""How long a plan names its contacts. Its numbers stay."""
COUNTS = ("actions", "baskets", "reasons", "tags", "compared", "drift")


class PlanExpired(ConfigurationError):
    """The plan may no longer be sent as it is. `str` says why, and what to do."""


def make(run: Run) -> Plan:
    """Works out what should be different at Mailchimp. One transaction, a handful of statements."""
    settings = AudienceSettings.of(run.connection)
    made = Plan.objects.filter(run=run).first()
    if made is not None:
        return made
    with transaction.atomic():
        name_shows(settings)
        work_out(settings)
        plan = Plan.objects.create(run=run)
        sql.run("integrations/mailchimp/items", {"plan": plan.pk}).close()
        plan.counts = _counts(settings)
        plan.contacts = sum(n for action, n in plan.counts["actions"].items() if action != Action.SKIP)
        plan.save(update_fields=["counts", "contacts"])
        replaced = _supersede(plan)
    for run in replaced:
        runs.cancel(run=run, actor=None)
    return plan


def name_shows(settings: AudienceSettings) -> None:
    """A tag for every show that is on or was lately; the tag of one that is over is let go."""
    over = timezone.now() - dt.timedelta(days=settings.tag_days)
    given = {"connection": settings.connection_id, "over_since": over}
    sql.run("integrations/mailchimp/show_tags", given | {"rule": settings.tag_rule}).close()
    sql.run("integrations/mailchimp/retire_tags", given).close()


def _counts(settings: AudienceSettings) -> dict[str, Any]:
    row = sql.one("integrations/mailchimp/counts", {"connection": settings.connection_id}) or {}
    return {name: orjson.loads(row[name]) for name in COUNTS}


def _supersede(plan: Plan) -> list[Run]:
    """An older plan of the same audience is out of date, and its long list of who was left alone goes.

    Returns runs that wait for somebody to look at such a plan: nobody needs to any more.
    """
    older = Plan.objects.filter(run__connection=plan.run.connection_id).exclude(pk=plan.pk)
    waiting = [each.run for each in older.open().filter(run__state=RunState.WAITING).select_related("run")]
    older.open().update(
        state=PlanState.EXPIRED, finished_at=Now(), reason=_("A newer plan has taken its place.")
    )
    PlanItem.objects.filter(plan__in=older, action=Action.SKIP).delete()
    PlanItem.objects.filter(plan__in=older, plan__created_at__lt=timezone.now() - KEPT).delete()
    return waiting


# Applying


def approve(*, plan: Plan, actor: User | None) -> None:
    """Somebody has looked at it: its run goes on and sends it. Raises PlanExpired or runs' NotPossible."""
    refuse_if_expired(plan)
    with transaction.atomic():
        runs.approve(run=plan.run, actor=actor)
        Plan.objects.filter(pk=plan.pk).update(state=PlanState.APPROVED, approved_by=actor, approved_at=Now())
        summary = {"plan": plan.pk, "contacts": plan.contacts}
        record(actor=actor, verb="plan.approved", target=plan.run.connection.slug, summary=summary)


def refuse_if_expired(plan: Plan) -> None:
    """Compares the plan with the facts as they are now; a plan that no longer fits is marked and refused."""
    reason = _why_expired(plan)
    if reason:
        open_plan = Plan.objects.open().filter(pk=plan.pk)
        open_plan.update(state=PlanState.EXPIRED, finished_at=Now(), reason=reason)
        raise PlanExpired(reason)


def _why_expired(plan: Plan) -> str:
    if plan.state not in (PlanState.DRAFT, PlanState.APPROVED, PlanState.APPLYING):
        return plan.reason or _("This plan is over: make a new one.")
    age = timezone.now() - plan.created_at
    if age > GOOD_FOR:
        return _("This plan is more than a day old: a no may have been missed. Make a new one.")
    if plan.state == PlanState.APPLYING or age < FRESH:
        return ""
    changed = changed_since(plan)
    told = ngettext(
        "The facts about %(contacts)s contact have changed since. Make a new plan.",
        "The facts about %(contacts)s contacts have changed since. Make a new plan.",
        changed,
    )
    return told % {"contacts": changed} if changed else ""


def changed_since(plan: Plan) -> int:
    """For how many contacts the answer would be another one today."""
    with transaction.atomic():
        answers.refresh(identifier_ids=None)
        work_out(AudienceSettings.of(plan.run.connection))
        return int(sql.value("integrations/mailchimp/changed", {"plan": plan.pk, "ids": None}))


def apply_batch(plan: Plan, client: Mailchimp) -> Counter[str] | None:
    """One batch; None when all is done. A worker killed in between sends the same batch again."""
    if plan.state == PlanState.APPLIED:
        return None
    refuse_if_expired(plan)
    if plan.state != PlanState.APPLYING:
        Plan.objects.filter(pk=plan.pk).update(state=PlanState.APPLYING)
        plan.refresh_from_db(fields=["state"])
    settings = AudienceSettings.of(plan.run.connection)
    counts = push_batch(plan, settings, client)
    if counts is None:
        clear_tags(settings, client)
        Plan.objects.filter(pk=plan.pk).update(state=PlanState.APPLIED, finished_at=Now())
    return counts


def clear_tags(settings: AudienceSettings, client: Mailchimp) -> None:
    """Tags of shows that are over, worn by nobody any more, not even by hand: Mailchimp forgets them."""
    for show in sql.rows("integrations/mailchimp/finished_tags", {"connection": settings.connection_id}):
        tag = tag_id(client, settings, show["remote_name"])
        with contextlib.suppress(Rejected):  # somebody there was faster
            if tag is not None and client.tag_size(settings.audience, tag) == 0:
                client.drop_tag(settings.audience, tag)
        ShowTag.objects.filter(pk=show["id"]).update(cleared_at=Now(), remote_id=None)


def retry_failed(*, plan: Plan, actor: User | None) -> int:
    """Contacts that were not accepted are tried again, by a worker. Returns how many."""
    from integrations.mailchimp.tasks import go_on

    if timezone.now() - plan.created_at > GOOD_FOR:
        raise PlanExpired(_("This plan is more than a day old: a no may have been missed. Make a new one."))
    with transaction.atomic():
        refused = AudienceMember.objects.filter(connection=plan.run.connection_id).exclude(refused_hash="")
        refused.filter(identifier__in=plan.items.failed().values("identifier")).update(refused_hash="")
        failed = plan.items.failed().update(state=ItemState.RETRY, attempts=0, error="")
        if failed:
            Plan.objects.filter(pk=plan.pk).update(state=PlanState.APPLYING, finished_at=None)
            summary = {"plan": plan.pk, "contacts": failed}
            record(actor=actor, verb="plan.retried", target=plan.run.connection.slug, summary=summary)
            go_on.delay_on_commit(plan.pk)  # type: ignore[attr-defined]  # OrgTask has it
    return failed


def go_on(plan: Plan) -> bool:
    """One batch outside a run, if nobody else sends this audience anything; whether to call again."""
    with locks.held("apply_plan", locks.key_of(plan.run.connection_id)) as mine:
        if not mine or plan.state != PlanState.APPLYING:
            return False
        with AudienceSettings.of(plan.run.connection).client() as client:
            try:
                return apply_batch(plan, client) is not None
            except PlanExpired:
                return False


def wake_all() -> int:
    """Plans of every organisation that go on outside a run and whose message was lost. Returns how many.

    One organisation's trouble is not the others'.
    """
    woken = 0
    for organisation in Organisation.objects.order_by("pk"):
        try:
            with tenant_context(organisation):
                woken += wake()
        except Exception as error:
            log.error("Plans were not woken for %s: %s", organisation.slug, type(error).__name__)
    return woken


def wake() -> int:
    """Those of the current organisation."""
    from integrations.mailchimp.tasks import go_on

    waiting = Plan.objects.filter(state=PlanState.APPLYING, run__state=RunState.DONE)
    plan_ids = list(waiting.values_list("pk", flat=True))
    for plan_id in plan_ids:
        go_on.delay(plan_id)
    return len(plan_ids)


def latest(connection: Connection) -> Plan | None:
    return Plan.objects.filter(run__connection=connection).newest_first().first()
