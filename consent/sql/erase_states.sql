DELETE FROM consent_consentstate WHERE identifier_id = ANY(CAST(:identifiers AS bigint[]))
