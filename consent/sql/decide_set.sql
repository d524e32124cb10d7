-- The decision about one message for each of these contact points (decided.sql), with its ledger rows.
WITH :part_decided
SELECT id, decision, basis, reason, flags, deciding FROM decided
