"""The log of looks is kept for its time and then forgotten (CONSENT.md 3.5): the one way in which
its rows may go. What was done (audit entries) stays."""

from django.db import migrations

FORGETTING = """
CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_accessentry'
        AND coalesce(current_setting('foyer.forgetting', true), '') <> '' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION audit_forget_looks(older_than timestamptz, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    gone bigint;
BEGIN
    IF older_than > clock_timestamp() - interval '30 days' THEN
        RAISE EXCEPTION 'The log of looks is kept 30 days at least' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM set_config('foyer.forgetting', 'looks', true);
    DELETE FROM audit_accessentry
    WHERE id IN (SELECT id FROM audit_accessentry WHERE at < older_than ORDER BY at LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('foyer.forgetting', '', true);
    RETURN gone;
END $$;
"""
REMEMBERING = """
DROP FUNCTION audit_forget_looks(timestamptz, bigint);
CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_alerts")]
    operations = [migrations.RunSQL(FORGETTING, REMEMBERING)]
