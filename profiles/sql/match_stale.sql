-- Records of a range whose comparable values are missing or were made from other values, with what they show
-- now and its digest. A value that is blocked, held or shared is nobody's proof and is left out. Whoever has
-- neither name nor contact point is not compared. Accounts come in any order, so their digests are added up
-- without one. Locked, so that none is erased before its values are written.
with unproving as materialized (
    select kind_id, value
    from profiles_identifier
    where state <> 'normal' and kind_id in ('email', 'phone')
), account as (
    select ri.record_id,
        string_agg(concat_ws(E'\t', i.kind_id, i.namespace, i.value), E'\n') as lines,
        bit_xor(hashtextextended(concat_ws(E'\t', i.kind_id, i.namespace, i.value), 0)) as digest
    from profiles_recordidentifier ri
    join profiles_identifier i on i.id = ri.identifier_id and i.state = 'normal'
    join profiles_identifierkind k on k.key = i.kind_id and k.role = 'account_key'
    where ri.record_id between :first and :last
        and (:records::bigint[] is null or ri.record_id = any(:records::bigint[]))
    group by ri.record_id
)
select r.id, now.digest, shown.comparable, r.source_id, r.given_name, r.family_name, shown.email, shown.phone,
    r.street, r.postal_code, r.city, r.country, r.birth_date, r.birth_year, shown.accounts
from profiles_sourcerecord r
left join unproving e on e.kind_id = 'email' and e.value = r.email
left join unproving p on p.kind_id = 'phone' and p.value = r.phone
left join account a on a.record_id = r.id
left join profiles_matchfeatures f on f.record_id = r.id
cross join lateral (
    select case when e.value is null then r.email else '' end as email,
        case when p.value is null then r.phone else '' end as phone,
        coalesce(a.lines, '') as accounts,
        r.given_name || r.family_name || r.email || r.phone <> '' as comparable
) shown
cross join lateral (
    select hashtextextended(
        concat_ws(
            E'\x1f', r.given_name, r.family_name, shown.email, shown.phone, r.street, r.postal_code, r.city,
            coalesce(r.birth_date - date '0001-01-01', 0), coalesce(r.birth_year, 0), coalesce(a.digest, 0)
        ), :version
    ) as digest
) now
where r.id between :first and :last
    and (:records::bigint[] is null or r.id = any(:records::bigint[]))
    and case when shown.comparable then f.digest is distinct from now.digest else f.record_id is not null end
order by r.id
for key share of r
