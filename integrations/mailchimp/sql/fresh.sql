-- The actions just worked out, ready to send.
select identifier_id, address, action, basket, reason, status, status_if_new, cast(fields as text) as fields, hash,
       there, tags, tag, untag, worn
from mailchimp_step
