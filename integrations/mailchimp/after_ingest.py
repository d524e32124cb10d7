"""What a pull showed, once its members have become people: who bounced, what was lost, who is gone."""

from __future__ import annotations

from cdp.lib import sql
from consent.models import ConsentEvent
from integrations.mailchimp import said
from integrations.mailchimp.settings import AudienceSettings
from integrations.models import Run


def settle(run: Run, settings: AudienceSettings) -> None:
    """In the transaction that completes the ingest, before anybody is sorted by permission."""
    connection = {"connection": settings.connection_id}
    began = run.cursor.get("began")
    sql.run("integrations/mailchimp/link", connection).close()
    if began and run.cursor.get("finished"):
        sql.run("integrations/mailchimp/lost", connection | {"pull_began": began}).close()
        if run.cursor.get("whole"):
            sql.run("integrations/mailchimp/gone", connection | {"full_began": began}).close()
    said.bounced([row["identifier_id"] for row in sql.rows("integrations/mailchimp/bounced", connection)])
    carry_nos(settings)


def carry_nos(settings: AudienceSettings) -> None:
    """A no follows the person to a new address; a yes never does (CONSENT.md 2.8)."""
    for row in sql.rows("integrations/mailchimp/moved_nos", {"connection": settings.connection_id}):
        said.carried(row["identifier_id"], ConsentEvent.objects.get(pk=row["position"]))
