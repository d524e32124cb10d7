-- Everybody on the list once, however often the file names them.
INSERT INTO consent_registerentry (file_id, digest)
SELECT DISTINCT CAST(:file_id AS bigint), digest FROM consent_register_line
