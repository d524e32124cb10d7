DELETE FROM consent_registerentry WHERE file_id = :file_id
