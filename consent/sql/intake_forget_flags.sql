-- A flag that an undone delivery raised counts as never seen, so that it may be seen anew.
DELETE FROM consent_snapshotstate WHERE intake_id = :intake_id AND answer
