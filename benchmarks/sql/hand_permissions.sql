with said as (
    select i.id as identifier_id, p.record_id, min(b.purchased)::timestamptz as seen, b.newsletter = 'Yes' as answer
    from bench_raw b
    join hand_person p on p.customer_id = b.customer_id
    join profiles_identifier i on i.kind_id = 'email' and i.namespace = '' and i.value = p.email
    where b.newsletter <> ''
    group by i.id, p.record_id, b.newsletter
), remembered as (
    insert into consent_snapshotstate (point_id, identifier_id, channel, answer, changed_at, intake_id)
    select :point, identifier_id, 'email', bool_and(answer), now(), :intake
    from said
    group by identifier_id
), granted as (
    insert into consent_consentevent (
        identifier_id, record_id, type, scope, purpose, channel, occurred_at, kind, proof, point_id,
        source_system, source_event_id, order_ref, campaign_ref, experiment_variant, controller, shared_group,
        guardian, via, actor, intake_id, note
    )
    select identifier_id, min(record_id), 'GRANT', 'address', 'marketing.newsletter', 'email', min(seen),
        'snapshot', 'B', :point, 'tickets', 'newsletter:' || identifier_id, '', '', '', '', '', false, '',
        'person', :intake, ''
    from said
    where answer
    group by identifier_id
    returning identifier_id, position, occurred_at
)
insert into consent_consentstate (
    identifier_id, purpose, channel, state, since, deciding_event_id, ledger_position
)
select identifier_id, 'marketing.newsletter', 'email', 'given', occurred_at, position, position
from granted
