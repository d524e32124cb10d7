-- Who shows what.
copy (
    select record_id, identifier_id
    from profiles_recordidentifier
    order by record_id, identifier_id
) to stdout (format binary)
