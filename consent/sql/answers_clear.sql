-- Answers decided before in the same transaction.
DELETE FROM consent_answer
