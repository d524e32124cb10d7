"""What a person chose for one audience, read from its connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.errors import ConfigurationError
from integrations.mailchimp.client import Mailchimp

if TYPE_CHECKING:
    from integrations.models import Connection

TAG_RULE = "Show: {name}"
TAG_DAYS = 30
TAG_LENGTH = 100


@dataclass(frozen=True, slots=True)
class AudienceSettings:
    """`tag_days`: days after the last performance before a show's tag is taken off again."""

    connection_id: int
    source_id: int
    audience: str
    point: str
    key: str
    base: str
    own_similar: bool
    tag_rule: str
    tag_days: int

    @classmethod
    def of(cls, connection: Connection) -> AudienceSettings:
        config = connection.config
        return cls(
            connection_id=connection.pk,
            source_id=connection.source_id,
            audience=str(config.get("audience") or "").strip(),
            point=point_key(connection),
            key=str(connection.secrets.get("api_key") or ""),
            base=str(config.get("base_url") or ""),
            own_similar=bool(config.get("own_similar")),
            tag_rule=str(config.get("tag_rule") or TAG_RULE),
            tag_days=int(config.get("tag_days") or TAG_DAYS),
        )

    def client(self) -> Mailchimp:
        return Mailchimp(self.key, self.base)

    def validate(self) -> None:
        if not self.audience:
            raise ConfigurationError(_("Choose the audience: its id is needed."))
        if self.tag_rule.count("{name}") != 1 or len(self.tag_rule) > TAG_LENGTH // 2:
            raise ConfigurationError(
                _("The naming rule for show tags must contain {name} once and be short.")
            )


def point_key(connection: Connection) -> str:
    """The collection point that stands for this audience in the ledger."""
    return f"mailchimp-{connection.slug}"
