"""Rules as data, a person's word about sets of records, and what the matcher knows."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0002_identifier_kinds'),
    ]

    operations = [
        migrations.CreateModel(
            name='BlockingKey',
            fields=[
                ('pk', models.CompositePrimaryKey('key', 'record_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('key', models.BigIntegerField()),
                ('record', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.sourcerecord')),
            ],
        ),
        migrations.CreateModel(
            name='Household',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='HouseholdMember',
            fields=[
                ('profile', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='lives', serialize=False, to='profiles.profile')),
                ('basis', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), default=list, size=None)),
            ],
        ),
        migrations.CreateModel(
            name='IdentityAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('merge', 'Merged'), ('unmerge', 'Taken apart'), ('apart', 'Not the same'), ('undo', 'Taken back'), ('upload', 'Links uploaded'), ('bulk', 'Approved together'), ('match', 'Found by the matcher'), ('rules', 'Rules changed'), ('identifier', 'A value judged'), ('pin', 'A value chosen')], max_length=10)),
                ('actor', models.CharField(blank=True, max_length=254)),
                ('reason', models.CharField(blank=True, max_length=240)),
                ('evidence', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='MatchFeatures',
            fields=[
                ('record', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='profiles.sourcerecord')),
                ('digest', models.BigIntegerField()),
                ('values', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
            ],
        ),
        migrations.CreateModel(
            name='MatchLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weight', models.FloatField()),
                ('probability', models.FloatField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='MatchModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('records', models.PositiveIntegerField()),
                ('parameters', models.JSONField()),
                ('report', models.JSONField(default=dict)),
                ('trained_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='MatchPair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(default='probable', max_length=20)),
                ('weight', models.FloatField()),
                ('probability', models.FloatField()),
                ('blocked_by', models.CharField(blank=True, default='', max_length=20)),
                ('evidence', models.JSONField(default=list)),
                ('value', models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ('fingerprint', models.CharField(default='', max_length=64)),
                ('state', models.CharField(choices=[('open', 'To review'), ('merged', 'Merged'), ('apart', 'Not the same'), ('gone', 'No longer likely')], default='open', max_length=8)),
                ('reason', models.CharField(blank=True, default='', max_length=240)),
                ('decided_by', models.CharField(blank=True, default='', max_length=254)),
                ('decided_at', models.DateTimeField(null=True)),
                ('claimed_by', models.CharField(blank=True, default='', max_length=254)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('skipped_by', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=254), blank=True, default=list, size=None)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='MatchSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('automatic', models.FloatField()),
                ('review', models.FloatField()),
                ('most_open', models.PositiveIntegerField(db_default=2000, default=2000)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('act', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='settings', to='profiles.identityact')),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lifted_settings', to='profiles.identityact')),
            ],
        ),
        migrations.AddConstraint(
            model_name='matchsettings',
            constraint=models.CheckConstraint(condition=models.Q(('automatic__gte', models.F('review')), ('automatic__lte', 1), ('review__gt', 0)), name='match_settings_ordered'),
        ),
        migrations.CreateModel(
            name='NetworkSighting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('network', models.BinaryField(max_length=32)),
                ('first_seen', models.DateTimeField()),
                ('last_seen', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Pin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(max_length=20)),
                ('actor', models.CharField(max_length=254)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='SurvivorshipRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(max_length=20)),
                ('strategies', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), blank=True, size=None)),
                ('sources', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('act', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='survivorship', to='profiles.identityact')),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lifted_survivorship', to='profiles.identityact')),
            ],
        ),
        migrations.AddConstraint(
            model_name='survivorshiprule',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_by__isnull', True)), fields=('unit',), name='survivorship_rule_once'),
        ),
        migrations.CreateModel(
            name='RuleTrial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rules', models.CharField(choices=[('identity', 'Who is who'), ('survivorship', 'Which value counts')], max_length=12)),
                ('state', models.CharField(choices=[('trying', 'Being tried'), ('tried', 'Tried'), ('applying', 'Being applied'), ('applied', 'Applied')], default='trying', max_length=8)),
                ('before', models.JSONField()),
                ('wanted', models.JSONField()),
                ('report', models.JSONField(default=dict)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(default=0)),
                ('actor', models.CharField(max_length=254)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('act', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='trials', to='profiles.identityact')),
            ],
        ),
        migrations.RemoveField(
            model_name='decision',
            name='undoes',
        ),
        migrations.AddField(
            model_name='decision',
            name='weight',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='identifier',
            name='decided_by',
            field=models.CharField(blank=True, db_default='', default='', max_length=254),
        ),
        migrations.AddField(
            model_name='identifierblock',
            name='active',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name='identifierblock',
            name='origin',
            field=models.CharField(choices=[('standard', 'Came with Foyer'), ('own', "The organisation's own address"), ('person', 'Added by a colleague')], db_default='person', default='person', max_length=8),
        ),
        migrations.AddField(
            model_name='identifierkind',
            name='joins',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name='identifierkind',
            name='shared_joins',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='sourcerecord',
            name='observed',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name='decision',
            name='kind',
            field=models.CharField(choices=[('merge', 'Merged'), ('split', 'Split'), ('demote', 'Kept apart by a limit')], max_length=8),
        ),
        migrations.AddField(
            model_name='householdmember',
            name='household',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='profiles.household'),
        ),
        migrations.AddField(
            model_name='identityact',
            name='undoes',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='profiles.identityact'),
        ),
        # Its two columns become sets of records. Nothing has ever written one.
        migrations.DeleteModel(name='LinkConstraint'),
        migrations.CreateModel(
            name='LinkConstraint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('must', 'Must be one person'), ('cannot', 'Cannot be one person')], max_length=6)),
                ('actor', models.CharField(max_length=254)),
                ('reason', models.CharField(blank=True, max_length=240)),
                ('fingerprint', models.CharField(blank=True, default='', max_length=64)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('act', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='constraints', to='profiles.identityact')),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lifted_constraints', to='profiles.identityact')),
            ],
        ),
        migrations.CreateModel(
            name='LinkConstraintRecord',
            fields=[
                ('pk', models.CompositePrimaryKey('constraint_id', 'record_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('constraint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='profiles.linkconstraint')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.sourcerecord')),
                ('side', models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name='decision',
            name='act',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='profiles.identityact'),
        ),
        migrations.AddField(
            model_name='matchlink',
            name='act',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='profiles.identityact'),
        ),
        migrations.AddField(
            model_name='matchlink',
            name='lifted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lifted_links', to='profiles.identityact'),
        ),
        migrations.AddField(
            model_name='matchlink',
            name='record_a',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.sourcerecord'),
        ),
        migrations.AddField(
            model_name='matchlink',
            name='record_b',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.sourcerecord'),
        ),
        migrations.AddField(
            model_name='matchlink',
            name='model',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='profiles.matchmodel'),
        ),
        migrations.AddField(
            model_name='decision',
            name='model',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='profiles.matchmodel'),
        ),
        migrations.AddField(
            model_name='matchpair',
            name='act',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pairs', to='profiles.identityact'),
        ),
        migrations.AddField(
            model_name='matchpair',
            name='model',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='profiles.matchmodel'),
        ),
        migrations.AddField(
            model_name='matchpair',
            name='profile_a',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.profile'),
        ),
        migrations.AddField(
            model_name='matchpair',
            name='profile_b',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.profile'),
        ),
        migrations.AddField(
            model_name='matchpair',
            name='record_a',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.sourcerecord'),
        ),
        migrations.AddField(
            model_name='matchpair',
            name='record_b',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.sourcerecord'),
        ),
        migrations.AddField(
            model_name='networksighting',
            name='record',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.sourcerecord'),
        ),
        migrations.AddField(
            model_name='pin',
            name='act',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pins', to='profiles.identityact'),
        ),
        migrations.AddField(
            model_name='pin',
            name='lifted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lifted_pins', to='profiles.identityact'),
        ),
        migrations.AddField(
            model_name='pin',
            name='record',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pins', to='profiles.sourcerecord'),
        ),
        migrations.AddConstraint(
            model_name='matchlink',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_by__isnull', True)), fields=('record_a', 'record_b'), name='match_link_once'),
        ),
        migrations.AddIndex(
            model_name='matchpair',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['-probability', '-value', 'id'], name='match_pair_queue'),
        ),
        migrations.AddIndex(
            model_name='matchpair',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['-value', '-probability', 'id'], name='match_pair_stakes'),
        ),
        migrations.AddConstraint(
            model_name='matchpair',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('profile_a', 'profile_b'), name='match_pair_open_once'),
        ),
        migrations.AddConstraint(
            model_name='matchpair',
            constraint=models.CheckConstraint(condition=models.Q(('profile_a__lt', models.F('profile_b'))), name='match_pair_ordered'),
        ),
        migrations.AddIndex(
            model_name='networksighting',
            index=models.Index(fields=['last_seen'], name='network_sighting_age'),
        ),
        migrations.AddConstraint(
            model_name='networksighting',
            constraint=models.UniqueConstraint(fields=('network', 'record'), name='network_sighting_once'),
        ),
        migrations.CreateModel(
            name='LinkUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('rows', models.JSONField(default=list)),
                ('row_count', models.PositiveIntegerField()),
                ('created_by', models.CharField(max_length=254)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('emptied_at', models.DateTimeField(null=True)),
                ('act', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='upload', to='profiles.identityact')),
            ],
        ),
        migrations.AddField(
            model_name='profile',
            name='is_visitor',
            field=models.BooleanField(db_default=False, default=False, verbose_name='visitor without a name'),
        ),
        migrations.RemoveIndex(
            model_name='profile',
            name='profile_newest',
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(condition=models.Q(('is_visitor', False)), fields=['-known_since', '-id'], name='profile_newest'),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(condition=models.Q(('is_visitor', True)), fields=['-known_since', '-id'], name='profile_visitors'),
        ),
        migrations.RunSQL(
            "update profiles_identifierblock set origin = 'standard' where reason like 'placeholder%'",
            migrations.RunSQL.noop,
        ),
        # Who bought an order by a name alone is known again by its number, once somebody says more.
        migrations.RunSQL(
            """
            insert into profiles_identifierkind
                (key, label, role, per_source, priority, limit_per_person, window_days, max_profiles)
            values ('order_number', 'Order number', 'account_key', true, 25, 1000, null, 10)
            on conflict (key) do nothing
            """,
            "delete from profiles_identifierkind where key = 'order_number'",
        ),
    ]
