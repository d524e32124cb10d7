"""The ledger only grows, a consent text never changes, and where each permission stands is a view.

The functions live in the organisation's own schema, next to its tables, so that cloning
a schema clones them and removing an organisation removes them.
"""

from django.db import migrations

# Ids that sort by time without an extension or PostgreSQL 18's uuidv7().
ORDERED_IDS = """
ALTER TABLE consent_consentevent ALTER COLUMN uid SET DEFAULT
    encode(
        set_bit(
            set_bit(
                overlay(
                    uuid_send(gen_random_uuid())
                    placing substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6
                ), 52, 1
            ), 53, 1
        ), 'hex'
    )::uuid;
"""
RANDOM_IDS = "ALTER TABLE consent_consentevent ALTER COLUMN uid DROP DEFAULT;"

LEDGER = """
CREATE FUNCTION consent_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER consent_consentevent_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_consentevent
    FOR EACH STATEMENT EXECUTE FUNCTION consent_append_only();
"""
OPEN_LEDGER = """
DROP TRIGGER consent_consentevent_append_only ON consent_consentevent;
DROP FUNCTION consent_append_only();
"""

TEXTS = """
CREATE FUNCTION consent_text_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A consent text is never changed; make the next version'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER consent_consenttext_is_final BEFORE UPDATE ON consent_consenttext
    FOR EACH STATEMENT EXECUTE FUNCTION consent_text_is_final();
"""
OPEN_TEXTS = """
DROP TRIGGER consent_consenttext_is_final ON consent_consenttext;
DROP FUNCTION consent_text_is_final();
"""

# CONSENT.md 2.2: a no counts from the earlier of its two times and stands unless a proven
# act of the person is later; a yes counts from the person's own time and needs proof.
STATE = """
CREATE VIEW consent_state_now AS
WITH said AS (
    SELECT
        e.identifier_id, e.purpose, e.channel, e.position, e.type, e.recorded_at,
        e.type IN ('DENY', 'WITHDRAW', 'OBJECT', 'COMPLAINT') AS is_no,
        e.type IN ('GRANT', 'CARRIED', 'DOI_CONFIRMED')
            AND e.proof IN ('A', 'B')
            AND e.occurred_at <= e.recorded_at + interval '5 minutes' AS is_yes,
        e.kind = 'act' AND e.proof = 'A' AS is_proven_act,
        least(coalesce(e.occurred_at, e.recorded_at), e.recorded_at) AS no_at,
        e.occurred_at AS yes_at
    FROM consent_consentevent e
    WHERE e.identifier_id IS NOT NULL
        AND e.target_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM consent_consentevent t WHERE t.target_id = e.position)
), summed AS (
    SELECT
        identifier_id, purpose, channel,
        max(position) AS ledger_position,
        max(no_at) FILTER (WHERE is_no) AS no_at,
        (array_agg(position ORDER BY no_at DESC, position DESC) FILTER (WHERE is_no))[1] AS no_event,
        (array_agg(type ORDER BY no_at DESC, position DESC) FILTER (WHERE is_no))[1] AS no_type,
        max(yes_at) FILTER (WHERE is_yes) AS yes_at,
        (array_agg(position ORDER BY yes_at DESC, position DESC) FILTER (WHERE is_yes))[1] AS yes_event,
        max(yes_at) FILTER (WHERE is_yes AND is_proven_act) AS lifted_at,
        max(no_at) FILTER (WHERE type = 'LAPSED') AS lapsed_at,
        max(recorded_at) FILTER (WHERE type = 'DOI_REQUESTED') AS asked_at
    FROM said
    GROUP BY identifier_id, purpose, channel
)
SELECT
    identifier_id, purpose, channel,
    CASE
        WHEN no_at IS NOT NULL AND coalesce(lifted_at <= no_at, true)
            THEN CASE WHEN no_type = 'DENY' THEN 'refused' ELSE 'withdrawn' END
        WHEN yes_at IS NOT NULL THEN CASE WHEN lapsed_at >= yes_at THEN 'lapsed' ELSE 'given' END
        WHEN asked_at IS NOT NULL THEN 'requested'
        ELSE 'unknown'
    END AS state,
    CASE
        WHEN no_at IS NOT NULL AND coalesce(lifted_at <= no_at, true) THEN no_at
        ELSE coalesce(yes_at, asked_at)
    END AS since,
    lifted_at,
    CASE
        WHEN no_at IS NOT NULL AND coalesce(lifted_at <= no_at, true) THEN no_event
        ELSE yes_event
    END AS deciding_event_id,
    ledger_position
FROM summed;
"""
NO_STATE = "DROP VIEW consent_state_now;"


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]
    operations = [
        migrations.RunSQL(ORDERED_IDS, RANDOM_IDS),
        migrations.RunSQL(LEDGER, OPEN_LEDGER),
        migrations.RunSQL(TEXTS, OPEN_TEXTS),
        migrations.RunSQL(STATE, NO_STATE),
    ]
