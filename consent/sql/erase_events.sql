SELECT consent_erase_events(CAST(:request AS uuid), CAST(:doomed AS bigint[]))
