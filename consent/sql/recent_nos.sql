-- How many contact points said no to one of these purposes by one of these channels lately (L11).
SELECT count(*)
FROM consent_consentstate s
WHERE s.state IN ('refused', 'withdrawn')
    AND s.since >= :since
    AND s.purpose = ANY(CAST(:purposes AS text[]) || ARRAY['*'])
    AND s.channel = ANY(CAST(:channels AS text[]) || ARRAY['*'])
