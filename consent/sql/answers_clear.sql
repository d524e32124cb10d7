-- Answers being decided; left over only inside one transaction.
DROP TABLE IF EXISTS consent_answer
