update profiles_profile p
set name = r.given_name || ' ' || r.family_name, given_name = r.given_name, family_name = r.family_name,
    email = r.email, phone = r.phone, street = r.street, postal_code = r.postal_code, city = r.city,
    country = r.country, known_since = r.observed_at, first_source_id = r.source_id,
    provenance = jsonb_build_object('name', r.id, 'email', r.id, 'phone', r.id, 'address', r.id)
from profiles_sourcerecord r
where r.profile_id = p.id
