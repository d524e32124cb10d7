-- The keys of all collection points; there are dozens.
SELECT key FROM consent_collectionpoint
