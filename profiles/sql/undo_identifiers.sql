-- Identifiers that only this delivery had shown; what a kept record still says of itself stays.
delete from profiles_recordidentifier ri
using profiles_sourcerecord r, profiles_identifier i
where ri.intake_id = :intake and r.id = ri.record_id and i.id = ri.identifier_id
    and (
        r.intake_id = :intake
        or not (i.value in (r.email, r.phone) or i.value = r.external_id)
    )
