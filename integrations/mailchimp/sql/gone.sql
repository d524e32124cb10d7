-- A pull of the whole audience has just ended: who was there before and is no longer was deleted for good.
update mailchimp_audiencemember
set status_remote = 'forgotten', status_seen = 'forgotten', status_pushed = '', tags_pushed = '{}',
    drift = 'gone', unconfirmed_since = null
where connection_id = :connection
  and seen_at < :full_began
  and status_seen not in ('', 'forgotten', 'archived')
