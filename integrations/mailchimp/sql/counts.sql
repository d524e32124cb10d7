-- What the plan says in numbers, and who is where: in the newsletter and a customer, only the one or the other.
with step as (
    select action, basket, reason, cardinality(tag) > 0 as tags, cardinality(untag) > 0 as untags
    from mailchimp_step
), place as (
    select coalesce(member.status_remote, '') as there,
           coalesce(wish.is_customer, false) as is_customer,
           coalesce(wish.basket, 'unknown') as basket
    from (select * from mailchimp_audiencemember where connection_id = :connection) member
    full join mailchimp_wish wish on wish.identifier_id = member.identifier_id
)
select
    (select coalesce(jsonb_object_agg(action, n), '{}')
       from (select action, count(*) as n from step group by action) t) as actions,
    (select coalesce(jsonb_object_agg(basket, n), '{}')
       from (select basket, count(*) as n from mailchimp_wish group by basket) t) as baskets,
    (select coalesce(jsonb_object_agg(action || ':' || reason, n), '{}')
       from (select action, reason, count(*) as n from step group by action, reason) t) as reasons,
    (select jsonb_build_object('tagged', count(*) filter (where tags and action <> 'skip'),
                               'untagged', count(*) filter (where untags and action <> 'skip'))
       from step) as tags,
    (select jsonb_build_object(
        'subscribed_customers', count(*) filter (where there = 'subscribed' and is_customer),
        'subscribed_others', count(*) filter (where there = 'subscribed' and not is_customer),
        'customers_there', count(*) filter (where is_customer and there not in ('', 'subscribed')),
        'customers_missing', count(*) filter (where is_customer and there = ''))
       from place) as compared,
    (select coalesce(jsonb_object_agg(drift, n), '{}')
       from (select drift, count(*) as n from mailchimp_audiencemember
             where connection_id = :connection and drift <> '' group by drift) t) as drift
