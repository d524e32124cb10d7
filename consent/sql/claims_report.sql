-- How many permissions got which verdict.
SELECT verdict, count(*) AS permissions FROM consent_change GROUP BY verdict
