-- What the records of these people say of them, and every contact point they show, for fingerprints.
select r.profile_id, r.given_name, r.family_name, r.birth_date, r.birth_year, r.street, r.postal_code, r.city,
    array(
        select i.kind_id || ':' || i.value
        from profiles_recordidentifier ri
        join profiles_identifier i on i.id = ri.identifier_id and i.state <> 'blocked'
        join profiles_identifierkind k on k.key = i.kind_id and k.role = 'contact_point'
        where ri.record_id = r.id
    ) as contacts
from profiles_sourcerecord r
where r.profile_id = any(:profiles)
