-- The database's clock, by which everything that is compared with its times is measured.
select statement_timestamp()
