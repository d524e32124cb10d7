"""The one way in which ledger rows may go: with an erasure, each leaving its hash behind.

The function sets a mark for its own statement that the trigger knows; UPDATE and TRUNCATE stay
refused always. The proof of an erasure is append-only too.
"""

from django.db import migrations

# What the chain of daily heads is made of. `uid` holds 74 random bits: a hash left behind by an
# erased row says nothing about it.
HASHES = """
CREATE VIEW consent_event_hash AS
SELECT
    e.position, e.recorded_at,
    sha256(convert_to(concat_ws(
        chr(31), e.position, e.uid, coalesce(e.identifier_id, 0), coalesce(e.record_id, 0), e.type, e.scope,
        e.purpose, e.channel, coalesce(extract(epoch FROM e.occurred_at), 0), extract(epoch FROM e.recorded_at),
        e.kind, e.proof, coalesce(e.point_id, 0), coalesce(e.text_id, 0), e.source_system, e.source_event_id,
        e.order_ref, e.campaign_ref, e.experiment_variant, e.controller, e.shared_group, e.guardian, e.via,
        e.actor, coalesce(e.carried_from_id, 0), coalesce(e.target_id, 0), coalesce(e.intake_id, 0), e.note
    ), 'UTF8')) AS row_sha256
FROM consent_consentevent e;
"""
NO_HASHES = "DROP VIEW consent_event_hash;"

ERASING = """
CREATE OR REPLACE FUNCTION consent_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(current_setting('foyer.erasing', true), '') <> '' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION consent_erase_events(request uuid, doomed bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    gone bigint;
BEGIN
    INSERT INTO consent_erasedevent (position, row_sha256, recorded_at, request_uid)
    SELECT h.position, h.row_sha256, h.recorded_at, request
    FROM consent_event_hash h
    WHERE h.position = ANY(doomed);
    PERFORM set_config('foyer.erasing', request::text, true);
    DELETE FROM consent_consentevent WHERE position = ANY(doomed);
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('foyer.erasing', '', true);
    RETURN gone;
END $$;

CREATE TRIGGER consent_erasureproof_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_erasureproof
    FOR EACH STATEMENT EXECUTE FUNCTION consent_append_only();
"""
NO_ERASING = """
DROP TRIGGER consent_erasureproof_append_only ON consent_erasureproof;
DROP FUNCTION consent_erase_events(uuid, bigint[]);
CREATE OR REPLACE FUNCTION consent_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_collecting_and_rights")]
    operations = [
        migrations.RunSQL(HASHES, NO_HASHES),
        migrations.RunSQL(ERASING, NO_ERASING),
    ]
