-- "8,412 may, 3,120 may not: ...": how many contact points get each answer about one message.
WITH :part_decided
SELECT decision, reason, count(*) AS contacts
FROM decided
GROUP BY decision, reason
ORDER BY count(*) DESC, decision, reason
