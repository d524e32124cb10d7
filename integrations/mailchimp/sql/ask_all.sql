-- Everybody who may or may not be written to, with the answers as they stand.
create temporary table mailchimp_asked on commit drop as
select answer.identifier_id, answer.basket, answer.newsletter, answer.newsletter_reason, answer.own_similar,
       identifier.value, identifier.invalid
from consent_contactanswer answer
join profiles_identifier identifier on identifier.id = answer.identifier_id
where answer.channel = 'email'
  and identifier.kind_id = 'email'
  and identifier.state <> 'blocked'
