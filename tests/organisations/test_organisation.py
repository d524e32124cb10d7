"""Making an organisation, and changing its settings."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django_tenants.utils import schema_exists, tenant_context

from organisations import verbs
from organisations.audit.models import AuditEntry
from organisations.models import Invitation, Membership, Organisation, User
from organisations.validators import validate_schema_name
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_user("olga@example.org", name="Olga", is_operator=True)


def shape(schema: str) -> set[tuple[str, str, str]]:
    """Everything in a schema but rows: kind, name and definition, without the schema's own name."""
    with connection.cursor() as cursor:
        cursor.execute(SHAPE, {"schema": schema})
        found = cursor.fetchall()
    return {(kind, *(part.replace(f"{schema}.", "") for part in (name, text))) for kind, name, text in found}


SHAPE = """
select 'column', c.relname || '.' || a.attname,
    format('%%s %%s %%s %%s', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
        pg_get_expr(d.adbin, d.adrelid))
from pg_attribute a join pg_class c on c.oid = a.attrelid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where c.relnamespace = %(schema)s::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0
    and not a.attisdropped
union all select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
from pg_constraint where connamespace = %(schema)s::regnamespace
union all select 'index', indexname, indexdef from pg_indexes where schemaname = %(schema)s
union all select 'trigger', t.tgname, pg_get_triggerdef(t.oid)
from pg_trigger t join pg_class c on c.oid = t.tgrelid
where not t.tgisinternal and c.relnamespace = %(schema)s::regnamespace
union all select 'function', proname, pg_get_functiondef(oid)
from pg_proc where pronamespace = %(schema)s::regnamespace
"""


def test_it_gets_a_schema_with_everything_the_template_has(olga: User) -> None:
    made = verbs.create_organisation(actor=olga, name="Cirkus", slug="cirkus")
    assert made.schema_name == "cirkus"
    made_of, template = shape("cirkus"), shape("blank")
    assert made_of == template
    assert "audit_auditentry_append_only" in {name for kind, name, _ in made_of if kind == "trigger"}


def test_its_audit_log_begins_with_its_creation(olga: User) -> None:
    made = verbs.create_organisation(actor=olga, name="Cirkus", slug="cirkus")
    with tenant_context(made):
        entry = AuditEntry.objects.get()
        assert (entry.verb, entry.actor_label, entry.role) == ("organisation.created", "Olga", "operator")


@pytest.mark.parametrize(
    ("slug", "schema"), [("den-nye-scene", "den_nye_scene"), ("2night", "o_2night"), ("a1", "a1")]
)
def test_its_schema_is_named_after_the_slug(slug: str, schema: str) -> None:
    assert verbs.schema_name_for(slug) == schema
    validate_schema_name(schema)


@pytest.mark.parametrize(
    "name", ["public", "blank", "pg_catalog", "pgmq", "Aurora", "1st", "æøå", "a b", 'a"; drop', "", "a" * 42]
)
def test_it_refuses_schema_names_that_are_taken_or_dangerous(name: str) -> None:
    with pytest.raises(ValidationError):
        validate_schema_name(name)


def test_a_refused_name_leaves_nothing_behind(olga: User) -> None:
    with pytest.raises(ValidationError):
        verbs.create_organisation(actor=olga, name="X", slug="pgmq")
    assert not Organisation.objects.filter(slug="pgmq").exists()


NEW = {
    "name": "Cirkus",
    "slug": "cirkus",
    "country": "DK",
    "time_zone": "Europe/Copenhagen",
    "language": "da",
}


def test_an_operator_makes_one_and_invites_its_administrator(olga: User, client_for: ClientFor) -> None:
    data = NEW | {"administrator": "boss@example.dk"}
    answer = client_for(olga, None).post(reverse("organisation_new"), data)
    assert answer["Location"] == reverse("platform")
    made = Organisation.objects.get(slug="cirkus")
    assert schema_exists("cirkus")
    assert Invitation.objects.get(organisation=made).role == "administrator"
    assert not Membership.objects.filter(organisation=made).exists()


def test_an_operator_becomes_its_administrator_by_naming_themselves(
    olga: User, client_for: ClientFor
) -> None:
    browser = client_for(olga, None)
    answer = browser.post(reverse("organisation_new"), NEW | {"administrator": "OLGA@example.org"})
    assert browser.get(answer["Location"]).context["request"].organisation.slug == "cirkus"
    assert Membership.objects.get(organisation__slug="cirkus", user=olga).role == "administrator"


def test_a_short_name_is_made_from_the_name(olga: User, client_for: ClientFor) -> None:
    data = NEW | {"name": "Sørlandet kunst & ære", "slug": "", "administrator": "boss@example.dk"}
    client_for(olga, None).post(reverse("organisation_new"), data)
    assert Organisation.objects.filter(slug="sorlandet-kunst-aere").exists()


def test_the_form_suggests_the_clock_of_the_installation(olga: User, client_for: ClientFor) -> None:
    page = client_for(olga, None).get(reverse("organisation_new")).content.decode()
    assert '<option value="Europe/Oslo" selected>' in page


def test_a_taken_name_is_told_in_the_form(olga: User, client_for: ClientFor) -> None:
    data = NEW | {"slug": "aurora", "administrator": "boss@example.dk"}
    answer = client_for(olga, None).post(reverse("organisation_new"), data)
    assert answer.status_code == 200
    assert "slug" in answer.context["form"].errors


def test_a_change_of_settings_is_written_down(
    alice: User, aurora: Organisation, client_for: ClientFor
) -> None:
    data = {"name": "Aurora", "country": "NO", "time_zone": "Europe/Oslo", "language": "nb"}
    client_for(alice, aurora).post(reverse("settings_organisation"), data)
    aurora.refresh_from_db()
    assert aurora.name == "Aurora"
    with tenant_context(aurora):
        entry = AuditEntry.objects.latest("id")
        assert entry.summary == {"name": {"from": "Aurora Scene", "to": "Aurora"}}


def test_its_slug_and_schema_are_not_settings(alice: User, aurora: Organisation) -> None:
    with pytest.raises(ValueError, match="schema_name"):
        verbs.change_organisation(actor=alice, organisation=aurora, schema_name="borealis")


def test_an_unknown_time_zone_is_refused(alice: User, aurora: Organisation) -> None:
    with pytest.raises(ValidationError):
        verbs.change_organisation(actor=alice, organisation=aurora, time_zone="Europe/Atlantis")


def test_its_name_is_one_line(alice: User, aurora: Organisation, client_for: ClientFor) -> None:
    """A line break in the subject would stop the mails of its alarms, and with them the minute's round."""
    data = {"name": "Aurora\r\n Theatre", "country": "NO", "time_zone": "Europe/Oslo", "language": "nb"}
    client_for(alice, aurora).post(reverse("settings_organisation"), data)
    aurora.refresh_from_db()
    assert aurora.name == "Aurora Theatre"
