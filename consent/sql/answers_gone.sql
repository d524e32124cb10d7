-- Answers about contact points that no record shows any more, or that are blocked or invalid now.
DELETE FROM consent_contactanswer a
WHERE (:everybody OR a.identifier_id = ANY(CAST(:identifier_ids AS bigint[])))
    AND NOT EXISTS (
        SELECT 1 FROM consent_answer n
        WHERE n.identifier_id = a.identifier_id AND n.channel = a.channel
    )
