-- What was pushed before this pull began and the pull did not show never arrived: believe again what was
-- seen before, so that it is pushed once more. After three times it stays as drift, except a no, which is
-- said until it is heard.
update mailchimp_audiencemember
set drift = 'lost',
    lost = lost + 1,
    unconfirmed_since = null,
    status_remote = case when again then status_seen else status_remote end,
    status_pushed = case when again then '' else status_pushed end,
    fields_hash = case when again then '' else fields_hash end,
    tags_pushed = case when again then '{}' else tags_pushed end
from (
    select id as found, lost < 3 or status_pushed = 'unsubscribed' as again
    from mailchimp_audiencemember
    where connection_id = :connection and unconfirmed_since < :pull_began
) as missing
where id = missing.found
