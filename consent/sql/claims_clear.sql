-- The room that one chunk of claims is heard in; left over only inside one transaction.
DROP TABLE IF EXISTS consent_claim, consent_change
