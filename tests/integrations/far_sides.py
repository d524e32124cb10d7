"""For every connector a real other side: filled, locked or away as the conformance suite wishes.

Adding a connector adds one function here; the suite fails for a connector that has none.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.test import RequestFactory

from integrations.files import samples
from integrations.files.places import folder_root
from integrations.models import Connection
from integrations.sms import gateways
from profiles.models import Source
from tests.fakes.mailchimp import KEY, mailchimp
from tests.fakes.pretix import pretix, ticket


@dataclass
class FarSide:
    """`add` puts rows on the other side, `lock` makes the credentials wrong, `leave` takes the server
    away. An exemption names a check and says why it does not apply."""

    connection: Connection
    add: Callable[[int], None]
    lock: Callable[[], None]
    leave: Callable[[], None]
    deliveries: tuple[HttpRequest, ...] = ()
    exempt: dict[str, str] = field(default_factory=dict)


def connect(connector: str, config: dict[str, Any], secrets: dict[str, Any]) -> Connection:
    source = Source.objects.create(name=connector, slug=connector)
    made = Connection(connector=connector, name=connector, slug=connector, source=source, config=config)
    made.secrets = secrets
    made.save()
    return made


def change(connection: Connection, *, secrets: dict[str, Any] | None = None, **config: Any) -> None:
    connection.config = connection.config | config
    if secrets is not None:
        connection.secrets = secrets
    connection.save()


def nobody() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


@contextmanager
def pretix_side() -> Iterator[FarSide]:
    with pretix() as shop:
        made = connect(
            "pretix",
            {"base_url": shop.url, "organizer": shop.organizer, "consent_questions": {"MARKETING": "news"}},
            {"token": shop.token},
        )

        def add(count: int) -> None:
            first = len(shop.orders)
            for number in range(first, first + count - 1):
                shop.sell(f"A{number:04d}", ticket(marketing="True"))
            shop.join(f"C{first:04d}", f"c{first}@example.no")

        yield FarSide(
            connection=made,
            add=add,
            lock=lambda: change(made, secrets={"token": "wrong"}),
            leave=lambda: change(made, base_url=nobody()),
            deliveries=tuple(_json({"notification_id": number}) for number in (1, 2)),
        )


@contextmanager
def mailchimp_side() -> Iterator[FarSide]:
    with mailchimp() as standin:
        audience = standin.audience(KEY)
        made = connect("mailchimp", {"audience": audience.id, "base_url": standin.base}, {"api_key": KEY})

        def add(count: int) -> None:
            first = len(audience.members)
            for number in range(first, first + count):
                audience.upsert({"email_address": f"m{number}@example.no", "status": "subscribed"})

        yield FarSide(
            connection=made,
            add=add,
            lock=lambda: change(made, secrets={"api_key": "wrong-us0"}),
            leave=lambda: change(made, base_url=nobody()),
            deliveries=tuple(_form(audience.id, f"m{number}@example.no") for number in (1, 2)),
        )


@contextmanager
def file_side() -> Iterator[FarSide]:
    from cdp.lib.tenancy import current_schema

    folder = folder_root(current_schema()) / "drop"
    folder.mkdir(parents=True, exist_ok=True)
    made = connect("file", {"place": "folder", "folder": "drop", "preset": "pretix"}, {})

    def add(count: int) -> None:
        number = len(list(folder.iterdir())) + 1
        stream = BytesIO()
        samples.write("pretix", stream, rows=max(count, 20), seed=number, traps=False)
        (folder / f"sale-{number}.csv").write_bytes(stream.getvalue())

    away = "A folder is there or it is not; SFTP and S3 servers that are away: tests/files."
    yield FarSide(
        connection=made,
        add=add,
        lock=lambda: change(made, folder="nowhere"),
        leave=lambda: None,
        exempt={"away": away},
    )


@contextmanager
def sms_side() -> Iterator[FarSide]:
    calls = "The gateway calls; nothing is fetched. What a call leads to: tests/sms."
    made = connect("sms", {"gateway": "twilio"}, {"auth_token": "a-token"})

    def call(number: int) -> HttpRequest:
        fields = {"MessageSid": f"SM{number}", "From": "+4790000001", "Body": "Stopp"}
        request = RequestFactory().post(
            "/", urlencode(fields), content_type="application/x-www-form-urlencoded"
        )
        url = f"{settings.FOYER_BASE_URL}/"
        request.META["HTTP_X_TWILIO_SIGNATURE"] = gateways.twilio_signs(url, fields, "a-token")
        return request

    yield FarSide(
        connection=made,
        add=lambda count: None,
        lock=lambda: change(made, secrets={}),
        leave=lambda: None,
        deliveries=(call(1), call(2)),
        exempt={"rows": calls, "away": calls},
    )


FAR_SIDES: dict[str, Any] = {
    "pretix": pretix_side,
    "mailchimp": mailchimp_side,
    "file": file_side,
    "sms": sms_side,
}


def _json(body: dict[str, Any]) -> HttpRequest:
    return RequestFactory().post("/", json.dumps(body), content_type="application/json")


def _form(audience: str, email: str) -> HttpRequest:
    fields = {"type": "unsubscribe", "fired_at": "2026-11-20 18:00:00"}
    fields |= {"data[list_id]": audience, "data[email]": email, "data[action]": "unsub"}
    return RequestFactory().post("/", urlencode(fields), content_type="application/x-www-form-urlencoded")
