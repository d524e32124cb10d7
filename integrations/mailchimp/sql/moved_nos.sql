-- Standing nos of the address that a member had before, where the new address has none of its own yet.
select moved.identifier_id, state.deciding_event_id as position
from mailchimp_audiencemember moved
join mailchimp_audiencemember former on former.id = moved.moved_from_id
join consent_consentstate state on state.identifier_id = former.identifier_id
where moved.connection_id = :connection
  and moved.identifier_id is not null
  and state.channel in ('email', '*')
  and state.state in ('refused', 'withdrawn')
  and not exists (
      select from consent_consentevent event
      where event.identifier_id = moved.identifier_id and event.carried_from_id = state.deciding_event_id
  )
