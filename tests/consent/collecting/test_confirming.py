"""Double opt-in (CONSENT.md 2.13): who is asked, what the link does and does not, and what lapses."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core import mail as outbox
from django.core.mail import get_connection
from django.test import Client

from cdp.lib import clock
from consent import nightly
from consent.collecting import confirming, mailing, unconfirmed, verbs
from consent.models import (
    Confirmation,
    ConsentEvent,
    ConsentEvidence,
    ConsentForm,
    FormServed,
    PrivacySettings,
)
from organisations.models import Organisation, User
from profiles.models import Identifier, Profile, SourceRecord
from tests.conftest import OrganisationClient
from tests.consent import world
from tests.consent.collecting import made

URL = "/p/aurora/f/news/"


class MailBox:
    """Keeps what arrives, refuses while `closed`."""

    def __init__(self) -> None:
        self.arrived: list[Message] = []
        self.closed = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.closed:
            return "451 come back later"
        self.arrived.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def mail_box(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailBox]:
    """A real SMTP server, and the confirmation mails going to it."""
    box = MailBox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    monkeypatch.setattr(
        mailing, "get_connection", lambda: get_connection(smtp, host="127.0.0.1", port=port, timeout=5)
    )
    yield box
    controller.stop()


@pytest.fixture(autouse=True)
def form(in_aurora: Organisation, alice: User, monkeypatch: pytest.MonkeyPatch) -> ConsentForm:
    """A live form that asks everybody to confirm."""
    from consent import tasks

    monkeypatch.setattr(tasks.mail_confirmation, "delay_on_commit", confirming.mail)
    found = verbs.make(actor=alice, key="news", name="Newsletter", locale="nb")
    found.versions.all().delete()
    verbs.change(actor=alice, form=found, double_optin="always")
    verbs.publish(made.version(found), actor=alice)
    found.refresh_from_db()
    return found


@pytest.fixture
def visitor() -> Client:
    return OrganisationClient(HTTP_ACCEPT_LANGUAGE="nb")


def sign_up(visitor: Client, email: str = "kari@example.no") -> None:
    ticket = visitor.get(URL).context["ticket"]
    assert visitor.post(URL, {"ticket": ticket, "ask0": "yes", "email": email}).status_code == 200


def the_link(body: str = "") -> str:
    text = body or str(outbox.outbox[-1].body)
    return "/p/aurora/c/" + text.split("/p/aurora/c/")[1].split("?")[0]


def newsletter(email: str = "kari@example.no") -> str:
    record = SourceRecord.objects.filter(email=email).get()
    found = Identifier.objects.get(kind="email", value=email)
    return str(world.answer(world.Person(record.profile, record, found, None)).newsletter_reason)


def test_the_mail_comes_from_the_house_with_one_link_and_nothing_else(
    visitor: Client, mail_box: MailBox
) -> None:
    PrivacySettings.objects.create(
        pk=1,
        legal_name="Aurora teater AS",
        address="Storgata 1, Oslo",
        contact_email="personvern@aurora.example",
    )

    sign_up(visitor)

    (arrived,) = mail_box.arrived
    body = arrived.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert arrived["To"] == "kari@example.no"
    assert "Aurora" in str(arrived["From"])
    assert arrived["Reply-To"] == "personvern@aurora.example"
    assert body.count("http") == 1
    assert made.BODY in body
    assert "Storgata 1" in body
    visitor.post(the_link(body))
    assert newsletter() == "CONSENT"


def test_a_yes_waits_for_its_click(visitor: Client) -> None:
    sign_up(visitor)

    assert newsletter() == "DOI_PENDING"
    assert FormServed.objects.get().answered_at is not None


def test_a_scanner_that_follows_the_link_confirms_nothing(visitor: Client) -> None:
    sign_up(visitor)

    shown = visitor.get(the_link())

    assert shown.status_code == 200
    assert made.BODY in shown.content.decode()
    assert newsletter() == "DOI_PENDING"


def test_the_button_confirms_once_with_its_own_traces(visitor: Client) -> None:
    sign_up(visitor)

    pages = [visitor.post(the_link()) for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 200]
    confirmed = ConsentEvent.objects.get(type="DOI_CONFIRMED")
    assert (confirmed.proof, confirmed.kind) == ("A", "act")
    assert ConsentEvidence.objects.get(event=confirmed).doi_token_hash
    assert newsletter() == "CONSENT"
    assert FormServed.objects.get().said_yes is True


def test_a_link_lapses_after_seven_days(visitor: Client) -> None:
    sign_up(visitor)

    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1), tick=False):
        page = visitor.post(the_link())

    assert URL in page.content.decode()
    assert newsletter() == "DOI_PENDING"


def test_a_no_said_meanwhile_stands(visitor: Client) -> None:
    sign_up(visitor)
    kari = Identifier.objects.get(value="kari@example.no")
    made.withdraw(kari)

    visitor.post(the_link())

    assert not ConsentEvent.objects.filter(type="DOI_CONFIRMED").exists()
    assert newsletter() == "WITHDRAWN"


@pytest.mark.parametrize("address", ["/p/aurora/c/forged/", "/p/borealis/c/{token}", "/p/aurora/c/x"])
def test_a_link_opens_nothing_elsewhere(visitor: Client, borealis: Organisation, address: str) -> None:
    sign_up(visitor)
    token = the_link().rsplit("/c/")[1]

    assert visitor.get(address.format(token=token), follow=True).status_code == 404


def test_asking_again_mails_again_but_not_at_once_and_not_for_ever(visitor: Client) -> None:
    now = clock.now()
    for hours in (0, 0, 1, 2, 3, 4):
        with time_machine.travel(now + timedelta(hours=hours), tick=False):
            sign_up(visitor)

    assert Confirmation.objects.count() == 1
    assert len(outbox.outbox) == confirming.MOST_MAILS


def test_only_the_newest_link_works(visitor: Client) -> None:
    sign_up(visitor)
    former = the_link()
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        sign_up(visitor)

        assert visitor.get(former).status_code == 404
        assert visitor.get(the_link()).status_code == 200


def test_a_mail_that_is_refused_goes_out_at_the_next_round(visitor: Client, mail_box: MailBox) -> None:
    mail_box.closed = True
    sign_up(visitor)
    mail_box.closed = False

    assert nightly.mail_confirmations() == 1
    assert nightly.mail_confirmations() == 0
    assert len(mail_box.arrived) == 1


def test_what_nobody_confirmed_is_deleted_after_thirty_days(visitor: Client) -> None:
    sign_up(visitor)
    now = clock.now()

    assert unconfirmed.forget(now + timedelta(days=29)) == 0
    assert unconfirmed.forget(now + timedelta(days=31)) == 1

    assert not Identifier.objects.filter(value="kari@example.no").exists()
    for model in (Confirmation, ConsentEvent, SourceRecord):
        assert not model.objects.exists()
    assert not Profile.objects.filter(email="kari@example.no").exists()


def test_who_was_deleted_may_come_again(visitor: Client) -> None:
    sign_up(visitor)
    unconfirmed.forget(clock.now() + timedelta(days=31))

    sign_up(visitor)
    visitor.post(the_link())

    assert newsletter() == "CONSENT"


def test_a_customer_who_did_not_confirm_stays_a_customer(visitor: Client) -> None:
    known = world.person("kari@example.no")
    sign_up(visitor)

    assert unconfirmed.forget(clock.now() + timedelta(days=31)) == 0

    assert Identifier.objects.filter(value="kari@example.no").exists()
    assert SourceRecord.objects.filter(pk=known.record.pk).exists()
    assert not Confirmation.objects.exists()


def test_a_confirmed_address_is_not_forgotten(visitor: Client) -> None:
    sign_up(visitor)
    visitor.post(the_link())

    assert unconfirmed.forget(clock.now() + timedelta(days=40)) == 0
    assert newsletter() == "CONSENT"


def test_the_country_may_ask_for_it_by_itself(visitor: Client, form: ConsentForm) -> None:
    """C64, C65: Germany."""
    ConsentForm.objects.filter(pk=form.pk).update(double_optin="by_country")
    source = form.point.source
    assert source is not None
    source.country = "DE"
    source.save()

    sign_up(visitor)
    waiting = newsletter()
    visitor.post(the_link())

    assert (waiting, newsletter()) == ("DOI_PENDING", "CONSENT")
