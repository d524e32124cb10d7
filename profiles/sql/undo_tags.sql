-- Show tags without a show. The people who carried them are among the touched.
with bare as (
    select t.id
    from profiles_tag t
    where t.kind = 'show' and :intake is not null
        and not exists (select from profiles_product p where p.tag_id = t.id)
), taken as (
    delete from profiles_profiletag pt using bare where pt.tag_id = bare.id
)
delete from profiles_tag t using bare where t.id = bare.id
