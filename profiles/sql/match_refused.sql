-- Of an act's links, those that a limit kept from joining anybody. They are no links, and are returned.
delete from profiles_matchlink l
using profiles_sourcerecord a, profiles_sourcerecord b
where l.act_id = :act and a.id = l.record_a_id and b.id = l.record_b_id and a.profile_id <> b.profile_id
returning l.record_a_id, l.record_b_id
