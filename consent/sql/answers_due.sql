-- Contact points whose answer time alone may have changed.
SELECT array_agg(DISTINCT identifier_id) FROM consent_contactanswer WHERE valid_until <= :now
