"""Webhooks in: stored as they come, answered at once, looked at by a worker.

Senders wait a few seconds, repeat for days, and send many at a time. So the request does one insert
and nothing else; a repeat is the same row; and what a delivery leads to happens in a task, which the
sweeper starts again if its worker died.
"""

from __future__ import annotations

import datetime as dt
import logging
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django_tenants.utils import tenant_context

from integrations.connectors import Connector, connector_for, registry
from integrations.errors import ConfigurationError, Rejected, TryLater
from integrations.models import Connection
from integrations.models.webhook import DeliveryState, WebhookDelivery
from organisations.models import Organisation

log = logging.getLogger(__name__)

LARGEST = 64 * 1024
AT_ONCE = 500
"""Deliveries handled by one task; it asks for another when there are more."""
MOST_TRIES = 8
"""With a wait doubling from one minute: about two hours."""
KEPT = dt.timedelta(days=30)
QUIET = dt.timedelta(seconds=50)
"""A delivery that nobody has handled for this long has lost its message."""


# --- receiving -------------------------------------------------------------------------------------


@csrf_exempt
def receive(request: HttpRequest, rest: str) -> HttpResponse:
    """/hooks/<organisation>/<connection>/<secret>/. Whatever of it is wrong, the answer is the same:
    nobody learns what exists."""
    parts = rest.rstrip("/").split("/")
    try:
        return _received(request, *parts) if len(parts) == 3 else _refusal(404, "not found")
    except Exception as error:  # Django would log it with the address, and the address holds a secret
        log.error("A webhook could not be kept: %s", type(error).__name__)
        return _refusal(503, "try again later")


def _received(request: HttpRequest, organisation: str, connection: str, secret: str) -> HttpResponse:
    owner = Organisation.objects.filter(slug=organisation).first()
    if owner is None:
        return _refusal(404, "not found")
    with tenant_context(owner):
        found = _find(connection, secret)
        return _answer(request, found) if found else _refusal(404, "not found")


def _find(public_id: str, secret: str) -> Connection | None:
    try:
        found = Connection.objects.filter(public_id=UUID(public_id)).first()
    except ValueError:
        found = None
    matches = constant_time_compare(secret, found.webhook_secret if found else "")
    if not matches or found is None:
        return None
    connector = registry().get(found.connector)
    return found if connector and connector.receives_webhooks else None


def _answer(request: HttpRequest, connection: Connection) -> HttpResponse:
    if not connection.enabled:
        return _refusal(410, "gone")
    if request.method in ("GET", "HEAD") and not request.GET:  # Mailchimp tries the address first
        return _thanks()
    if request.method != "POST":
        return _refusal(405, "only POST")
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return _refusal(413, "too large")
    return _keep(request, connector_for(connection))


def _keep(request: HttpRequest, connector: Connector) -> HttpResponse:
    try:
        key = connector.webhook_key(request)
    except Rejected:
        return _refusal(400, "not understood")
    store(
        connection=connector.connection,
        key=key,
        body=request.body,
        content_type=request.META.get("CONTENT_TYPE", ""),
    )
    return _thanks(*connector.webhook_answer())


def store(*, connection: Connection, key: str, body: bytes, content_type: str = "") -> None:
    """One insert; a delivery that is known already stays as it is. Then a worker is woken.

    The queue being away is no reason to refuse: the row is there, and the sweeper finds it.
    """
    delivery = WebhookDelivery(
        connection=connection, key=key[:200], body=body, content_type=content_type[:100]
    )
    WebhookDelivery.objects.bulk_create([delivery], ignore_conflicts=True)
    _wake(connection.pk)


def _wake(connection_id: int) -> None:
    from integrations.tasks import deliver

    deliver.delay_on_commit(connection_id)  # type: ignore[attr-defined]  # OrgTask has it, its stub has not


def _refusal(status: int, word: str) -> HttpResponse:
    answer = HttpResponse(word, status=status, content_type="text/plain")
    # Django would write the refused address, and with it a secret, to the log.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def _thanks(word: str = "ok", content_type: str = "text/plain") -> HttpResponse:
    return HttpResponse(word, content_type=content_type)


# --- handling --------------------------------------------------------------------------------------


def process(*, connection_id: int) -> int:
    """Handles what waits for one connection, oldest first. Returns how many.

    Two workers may share the work, so deliveries may overtake each other: a handler goes by the
    times in the body, never by the order of arrival.
    """
    handled = 0
    while handled < AT_ONCE and _next(connection_id):
        handled += 1
    if handled == AT_ONCE:
        _wake(connection_id)
    return handled


def _next(connection_id: int) -> bool:
    """The delivery and what it led to are committed together; a killed worker leaves it waiting."""
    with transaction.atomic():
        due = WebhookDelivery.objects.due().filter(connection_id=connection_id).order_by("id")
        delivery = due.select_for_update(skip_locked=True, of=("self",)).select_related("connection").first()
        if delivery is None:
            return False
        delivery.attempts += 1
        try:
            with transaction.atomic():
                note = connector_for(delivery.connection).handle_webhook(delivery)
            _settle(delivery, DeliveryState.DONE, note)
        except (ConfigurationError, Rejected) as error:
            _settle(delivery, DeliveryState.FAILED, str(error))
        except TryLater as error:
            _put_off(delivery, str(error), error.after)
        except Exception as error:
            log.error("Webhook delivery %s failed: %s", delivery.pk, type(error).__name__)
            _put_off(delivery, _("A fault in Foyer ({kind}).").format(kind=type(error).__name__), None)
    return True


def _settle(delivery: WebhookDelivery, state: DeliveryState, note: str) -> None:
    _save(delivery, state=state, note=note[:240], handled_at=Now())


def _put_off(delivery: WebhookDelivery, note: str, after: float | None) -> None:
    if delivery.attempts >= MOST_TRIES:
        return _settle(delivery, DeliveryState.FAILED, note)
    wait = dt.timedelta(seconds=max(after or 0, 60 * 2 ** (delivery.attempts - 1)))
    return _save(delivery, note=note[:240], due_at=Now() + wait)


def _save(delivery: WebhookDelivery, **changes: object) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(attempts=delivery.attempts, **changes)


# --- every minute ----------------------------------------------------------------------------------


def sweep() -> int:
    """Wakes a worker for every connection with deliveries that were forgotten. Returns how many."""
    forgotten = WebhookDelivery.objects.due().filter(due_at__lt=Now() - QUIET)
    waiting = list(forgotten.values_list("connection_id", flat=True).distinct())
    for connection_id in waiting:
        _wake(connection_id)
    return len(waiting)


def empty_old_bodies() -> int:
    """Takes the content out of deliveries after 30 days, a few hundred at a time. Returns how many."""
    old = WebhookDelivery.objects.filter(emptied_at=None, received_at__lt=Now() - KEPT)
    oldest = list(old.order_by("received_at").values_list("pk", flat=True)[:AT_ONCE])
    return WebhookDelivery.objects.filter(pk__in=oldest).update(body=b"", emptied_at=Now()) if oldest else 0


# One pattern takes everything, since Django logs addresses that match none.
urlpatterns = [path("<path:rest>", receive, name="hook")]
