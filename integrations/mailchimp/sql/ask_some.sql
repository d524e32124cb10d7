-- The same for these contacts only, as when the question is put once more before a batch goes.
create temporary table mailchimp_asked on commit drop as
select answer.identifier_id, answer.basket, answer.newsletter, answer.newsletter_reason, answer.own_similar,
       identifier.value, identifier.invalid
from consent_contactanswer answer
join profiles_identifier identifier on identifier.id = answer.identifier_id
where answer.channel = 'email'
  and identifier.kind_id = 'email'
  and identifier.state <> 'blocked'
  and answer.identifier_id = any(:ids)
