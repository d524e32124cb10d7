"""The identifier kinds every organisation starts with, and values that never mean a person.

Limits and blocked values: docs/reference/identity-rules.md.
"""

from django.db import migrations

KINDS = """
insert into profiles_identifierkind
    (key, label, role, per_source, priority, limit_per_person, window_days, max_profiles)
values
    ('customer_number', 'Customer number', 'account_key', true, 10, 1, null, 10),
    ('club_card', 'Club card', 'account_key', false, 20, 1, null, 10),
    ('login', 'Log-in', 'account_key', true, 30, 1, null, 10),
    ('email', 'E-mail', 'contact_point', false, 40, 5, null, 10),
    ('phone', 'Phone', 'contact_point', false, 50, 5, null, 10),
    ('cookie', 'Cookie', 'anonymous', true, 80, 5, 7, 10),
    ('device', 'Device', 'anonymous', true, 90, 5, 7, 10)
on conflict (key) do nothing;
"""

BLOCKS = r"""
insert into profiles_identifierblock (kind_id, pattern, reason) values
    (null, '[0-]*', 'placeholder'),
    (null, '-?1', 'placeholder'),
    (null, '(null|none|nil|n/a|na|anonymous|anonym|ukjent|unknown|okänd|ukendt|onbekend|unbekannt|test)', 'placeholder'),
    ('email', '(test|noreply|no-reply|donotreply|ingen|none|null|anonym|anonymous|dummy|epost|email|mail|kunde|kasse|billett|billettluke)[0-9]*@.*', 'placeholder address'),
    ('email', '.*@(example\.com|test\.(com|no|dk|se|nl|de)|invalid|localhost|ingen\.no|mail\.invalid)', 'placeholder domain'),
    ('phone', '\+\d{1,3}(0+|1{6,}|2{6,}|3{6,}|4{6,}|5{6,}|6{6,}|7{6,}|8{6,}|9{6,}|12345678\d?)', 'placeholder number');
"""

UNBLOCK = "delete from profiles_identifierblock;"
UNKIND = "delete from profiles_identifierkind;"


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_initial")]

    operations = [
        migrations.RunSQL(KINDS, UNKIND),
        migrations.RunSQL(BLOCKS, UNBLOCK),
    ]
