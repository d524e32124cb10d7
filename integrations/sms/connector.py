"""Incoming SMS: a gateway calls when somebody writes to the house's number.

Nothing is fetched, and no text is kept beyond the stored call, which is emptied after 30 days. A stop is
an objection to all marketing by SMS (`consent.stop_words`), written once however often it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent import stop_words
from consent.stop_words import Heard
from integrations.connectors import Connector, Field, Page, Raw
from integrations.errors import ConfigurationError, Rejected
from integrations.models import WebhookDelivery
from integrations.sms import gateways
from integrations.sms.gateways import Fields, Told
from profiles.rows import CanonicalRow

TWILIO, VONAGE, OTHER = ({"gateway": (name,)} for name in ("twilio", "vonage", "other"))


class SmsConnector(Connector):
    slug = "sms"
    name = gettext_lazy("Incoming SMS")
    about = gettext_lazy("Who answers STOP is heard: LINK Mobility, Twilio, Vonage, or any other gateway.")
    docs = "docs/how-to/sms-stop.md"
    reads = frozenset({"claims"})
    rate_limit = gettext_lazy("None: the gateway calls.")
    icon = "message-square"
    source_kind = "newsletter"
    receives_webhooks = True
    fields = (
        Field(
            key="gateway",
            label=gettext_lazy("Gateway"),
            kind="choice",
            default="link",
            choices=(
                ("link", "LINK Mobility"),
                ("twilio", "Twilio"),
                ("vonage", "Vonage"),
                ("other", gettext_lazy("Another one")),
            ),
        ),
        Field(
            key="country",
            label=gettext_lazy("Country of numbers without a country code"),
            default="NO",
            help=gettext_lazy("Two letters, such as NO, DK, SE, NL or DE."),
        ),
        Field(
            key="auth_token",
            label=gettext_lazy("Twilio auth token"),
            kind="secret",
            secret=True,
            only_if=TWILIO,
            help=gettext_lazy("Twilio signs every call with it; a call that it did not sign is refused."),
        ),
        Field(
            key="signature_secret",
            label=gettext_lazy("Vonage signature secret"),
            kind="secret",
            secret=True,
            required=False,
            only_if=VONAGE,
            help=gettext_lazy("Only where Vonage has switched on signed webhooks for the account."),
        ),
        Field(
            key="signature_method",
            label=gettext_lazy("Vonage signature method"),
            kind="choice",
            required=False,
            default="sha256",
            choices=tuple((each, each) for each in gateways.VONAGE_METHODS),
            only_if=VONAGE,
        ),
        Field(
            key="number_field",
            label=gettext_lazy("Name of the field with the sender's number"),
            default="from",
            only_if=OTHER,
            help=gettext_lazy("A dot goes into an object: content.userData."),
        ),
        Field(
            key="text_field",
            label=gettext_lazy("Name of the field with the text"),
            default="text",
            only_if=OTHER,
        ),
        Field(
            key="id_field",
            label=gettext_lazy("Name of the field with the message's own id"),
            default="id",
            only_if=OTHER,
            help=gettext_lazy("By it a repeated call is known."),
        ),
        Field(
            key="time_field",
            label=gettext_lazy("Name of the field with the time"),
            required=False,
            default="",
            only_if=OTHER,
            help=gettext_lazy("Empty: the time when the call came."),
        ),
    )

    @classmethod
    def comes_by_itself(cls, config: Mapping[str, Any]) -> bool:
        return False

    @property
    def gateway(self) -> str:
        return str(self.setting("gateway"))

    def check(self) -> None:
        """There is nothing to call; what is missing in the settings is told."""
        if self.gateway not in gateways.READERS:
            raise ConfigurationError(_("Choose the gateway that hands the messages on."))
        if self.gateway == "twilio" and not self.setting("auth_token"):
            raise ConfigurationError(_("The Twilio auth token is missing, so no call could be trusted."))
        for key in ("number_field", "text_field", "id_field") if self.gateway == "other" else ():
            if not self.setting(key):
                raise ConfigurationError(_("Say in which fields the number, the text and the id come."))

    def pull(self, cursor: dict[str, Any]) -> Iterator[Page]:
        """Nothing: the gateway calls."""
        self.check()
        return iter(())

    def to_row(self, raw: Raw, number: int) -> CanonicalRow:
        raise Rejected(_("An SMS is no row: it is heard when it comes."))

    # --- calls ---------------------------------------------------------------------------------------

    def webhook_key(self, request: HttpRequest) -> str:
        told = gateways.fields(request.body, request.META.get("CONTENT_TYPE", ""))
        self._check_signature(request, told)
        found = self._read(told)
        if not found.id:
            raise Rejected(_("The call names no message."))
        return f"{self.gateway} {found.id}"

    def webhook_answer(self) -> tuple[str, str]:
        """Twilio sends plain text back to the phone as an SMS, so it gets an empty list of things to do."""
        if self.gateway == "twilio":
            return '<?xml version="1.0" encoding="UTF-8"?><Response></Response>', "text/xml"
        return super().webhook_answer()

    def handle_webhook(self, delivery: WebhookDelivery) -> str:
        told = self._read(gateways.fields(bytes(delivery.body), delivery.content_type))
        if told.kind == "blocked":
            return _said(stop_words.blocked_there(told.number, **self._where(told, delivery)))
        if told.kind != "message":
            return _("A receipt, or a part of a long message: nothing to do.")
        words = "STOP" if told.stopped else told.text
        return _said(stop_words.hear(told.number, words, **self._where(told, delivery)))

    def _where(self, told: Told, delivery: WebhookDelivery) -> dict[str, Any]:
        return {
            "provider": f"sms-{self.gateway}",
            "message_id": told.id,
            "at": told.at or delivery.received_at,
            "country": str(self.setting("country") or ""),
        }

    def _read(self, told: Fields) -> Told:
        keys = ("number", "text", "id", "time")
        paths = {key: str(self.setting(f"{key}_field") or "") for key in keys}
        return gateways.READERS[self.gateway](told, paths)

    def _check_signature(self, request: HttpRequest, told: Fields) -> None:
        if self.gateway == "twilio":
            url = f"{settings.FOYER_BASE_URL}{request.get_full_path()}"
            wanted = gateways.twilio_signs(url, told, str(self.setting("auth_token") or ""))
            signed = constant_time_compare(request.headers.get("X-Twilio-Signature", ""), wanted)
            if not signed or not self.setting("auth_token"):
                raise Rejected(_("The signature is wrong."))
        secret = str(self.setting("signature_secret") or "") if self.gateway == "vonage" else ""
        if secret:
            method = str(self.setting("signature_method") or "sha256")
            if not gateways.same(str(told.get("sig", "")), gateways.vonage_signs(told, secret, method)):
                raise Rejected(_("The signature is wrong."))


def _said(heard: Heard) -> str:
    """In words for people, without a number. Raises `Rejected` where somebody must look."""
    if heard is Heard.NO_NUMBER:
        raise Rejected(_("The sender's number cannot be read, so a no may be lost. Look at the gateway."))
    return {
        Heard.WRITTEN: _("The no to marketing by SMS is in the ledger."),
        Heard.KNOWN: _("Told before: the no is in the ledger."),
        Heard.ERASED: _("A number that was erased: no marketing reaches it."),
        Heard.OPENING: _("START gives nothing back. Permission stays as it is."),
        Heard.NO_WORD: _("No stop word: nothing to do."),
    }[heard]
