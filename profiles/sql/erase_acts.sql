-- What people wrote of their reasons, and whom they named, in every act that was about somebody.
with spoken as (
    select c.act_id, c.lifted_by_id
    from profiles_linkconstraintrecord m
    join profiles_linkconstraint c on c.id = m.constraint_id
    where m.record_id = any(:records)
    union
    select act_id, lifted_by_id
    from profiles_matchlink
    where record_a_id = any(:records) or record_b_id = any(:records)
    union
    select act_id, lifted_by_id from profiles_pin where record_id = any(:records)
    union
    select act_id, null
    from profiles_matchpair
    where profile_a_id = any(:profiles) or profile_b_id = any(:profiles)
    union
    select d.act_id, null
    from profiles_decision d
    where d.survivor_id = any(:profiles) or d.retired_id = any(:profiles)
        or d.id in (select m.decision_id from profiles_decisionmove m where m.record_id = any(:records))
), act as (
    select act_id as id from spoken
    union
    select lifted_by_id from spoken
)
update profiles_identityact a
set reason = case when a.kind in ('upload', 'bulk', 'match', 'rules') then a.reason else '' end,
    evidence = a.evidence - array['people', 'sides', 'followed']
where (
        a.id in (select id from act)
        or a.evidence -> 'people' ?| array(select public_id::text from profiles_profile where id = any(:profiles))
    )
    and (a.reason <> '' or a.evidence ?| array['people', 'sides', 'followed'])
