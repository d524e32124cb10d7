"""Makes the example organisations, step by step; each step looks first whether it has been done."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

from django_tenants.utils import tenant_context

from cdp.lib import clock
from consent.models import CollectionPoint
from consent.verbs import Meaning, verify_point
from integrations import connecting
from integrations.commands import follow
from integrations.demo import asking, standin
from integrations.demo.cast import HOUSES, FileSource, House
from integrations.files import uploading
from integrations.files.drafting import draft
from integrations.files.models import Mapping
from integrations.files.points import questions
from integrations.files.samples.people import World
from integrations.files.spec import Column
from integrations.files.versions import save_mapping
from integrations.mailchimp import setup
from integrations.models import ApplyMode, Connection, Run
from integrations.runs.account import equation
from integrations.runs.verbs import start_scheduled
from organisations import example
from organisations import verbs as organisations
from organisations.models import Membership, Organisation, User
from organisations.roles import Role
from profiles.identity import nightly
from profiles.models import MatchPair, Source

Say = Callable[[str], None]
NEVER: list[int] = []
"""Example files come once, so nothing is due tomorrow and nobody is alarmed."""


def build(say: Say, *, mailchimp: str) -> None:
    """`mailchimp` is where its stand-in listens; empty leaves the newsletters out."""
    for house in HOUSES:
        if example.was_removed(house.slug):
            continue
        organisation = _organisation(house, say)
        with tenant_context(organisation):
            lead = _privacy_lead(house, organisation)
            for source in house.sources:
                _morning_of(source, house, lead, organisation, say)
            _who_is_who(house, say)
            if house.language == "nb":
                _asking(house, lead, say)
            if mailchimp:
                _newsletter(house, mailchimp, lead, organisation, say)


def _organisation(house: House, say: Say) -> Organisation:
    found = Organisation.objects.filter(slug=house.slug).first()
    if found:
        return found
    made = organisations.create_organisation(
        actor=None,
        name=house.name,
        slug=house.slug,
        country=house.country,
        time_zone=house.time_zone,
        language=house.language,
        is_demo=True,
    )
    say(f"{house.name}: organisation made")
    return made


def _privacy_lead(house: House, organisation: Organisation) -> User:
    """Somebody must vouch for what a yes means. Nobody can sign in as them: the password is thrown away."""
    email = f"privacy@{house.domain}"
    user = User.objects.filter(email=email).first() or organisations.create_user(
        email=email, name=f"Privacy lead of {house.name}", password=secrets.token_urlsafe(32)
    )
    if not Membership.objects.filter(user=user, organisation=organisation).exists():
        organisations.add_member(actor=None, organisation=organisation, user=user, role=Role.PRIVACY_LEAD)
    return user


def _morning_of(source: FileSource, house: House, lead: User, organisation: Organisation, say: Say) -> None:
    config: dict[str, object] = {"place": "upload", "preset": source.preset}
    connection = _connection(house, source.name, "file", config, source.kind)
    if _has_run(connection):
        return
    written = BytesIO()
    source.write(written)
    content = written.getvalue()
    _map(connection, source, lead, content)
    uploading.receive(connection=connection, name=source.file, stream=BytesIO(content), actor=None)
    run = _run_of_today(connection, organisation)
    say(f"{house.name}: {source.name}: {_told(run)}")


def _map(connection: Connection, source: FileSource, lead: User, content: bytes) -> None:
    """The preset's columns, and the privacy lead's word for what the box at the sale asked."""
    if Mapping.objects.filter(connection=connection).exists():
        return
    found = draft(connection, BytesIO(content))
    columns = tuple(_worded(column, source.words) for column in found.spec.columns)
    spec = replace(found.spec, columns=columns)
    header, asked = found.layout.header, set(questions(spec))
    save_mapping(connection=connection, spec=spec, header=header, actor=lead, vouched=asked)


def _worded(column: Column, words: str) -> Column:
    return replace(column, consent=replace(column.consent, words=words)) if column.consent else column


def _who_is_who(house: House, say: Say) -> None:
    """What the first night would do: join what is sure, and ask about what is not."""
    if nightly.last_run():
        return
    run = nightly.match_people()
    asked = MatchPair.objects.filter(state=MatchPair.State.OPEN).count()
    say(f"{house.name}: who is who: {run.people} people, {run.linked} joined, {asked} pairs to review")


def _asking(house: House, lead: User, say: Say) -> None:
    if told := asking.form_and_test(lead):
        say(f"{house.name}: a form, and a test of it: {told}")


def _newsletter(house: House, base: str, lead: User, organisation: Organisation, say: Say) -> None:
    """Mailchimp's stand-in: its members come in, the audience is vouched for, a plan waits to be read.

    At every later start only its address is brought up to date.
    """
    settings: dict[str, object] = {"base_url": base, "audience": standin.audience(base, house.slug)}
    connection = _connection(house, "Mailchimp", "mailchimp", settings, Source.Kind.NEWSLETTER)
    if connection.config["base_url"] != base:
        connecting.change(connection=connection, actor=None, config=settings)
    if _has_run(connection):
        return
    standin.put_members(base, house.slug, _members(house))
    point = setup.collection_point(connection)
    if not point.is_verified:
        verify_point(point, meaning=_audience_meaning(point), actor=lead)
    run = _run_of_today(connection, organisation)
    say(f"{house.name}: Mailchimp: {_told(run)}")


def _audience_meaning(point: CollectionPoint) -> Meaning:
    return Meaning(
        purposes=tuple(point.purposes),
        channels=tuple(point.channels),
        kind=point.kind,
        wording="Send me the newsletter.",
        no_is_explicit=True,
        last_written_at=clock.now() - dt.timedelta(days=30),
    )


def _members(house: House) -> list[dict[str, str]]:
    """Every other one is a customer too; some have left, one address bounced."""
    world = World(1 if house.country == "NO" else 2, clock.now().date(), shows=8, buyers=200)
    buyers = [world.buyer(number) for number in range(house.newsletter_before)]
    since = (clock.now() - dt.timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return [
        {
            "email": buyer.email.strip() if number % 2 else f"reader{number}@readers.example.no",
            "status": "cleaned" if number == 7 else "unsubscribed" if number % 9 == 5 else "subscribed",
            "timestamp_opt": since,
        }
        for number, buyer in enumerate(buyers)
        if "@" in buyer.email and " " not in buyer.email.strip()
    ]


def _connection(
    house: House, name: str, connector: str, config: dict[str, object], kind: Source.Kind
) -> Connection:
    found = Connection.objects.filter(connector=connector, name=name).first()
    if found:
        return found
    destination = connector == "mailchimp"
    source = connecting.source_for(name=name, kind=kind, country=house.country)
    if kind == Source.Kind.CLUB:
        # Lists kept by hand have slips of the pen; buyers spell their own names.
        source.trust += 10
        source.save(update_fields=["trust"])
    return connecting.create(
        actor=None,
        connector=connector,
        name=name,
        source=source,
        config=config,
        secrets={"api_key": standin.key(house.slug)} if destination else {},
        weekdays=NEVER,
        after_sources=destination,
        apply_mode=ApplyMode.ASK,
    )


def _has_run(connection: Connection) -> bool:
    """A run that waits counts: it is a person's now."""
    return connection.runs.exclude(state__in=["queued", "running"]).exists()


def _run_of_today(connection: Connection, organisation: Organisation) -> Run:
    """This morning's run, also when it was cut off half-way."""
    today = clock.local_date(organisation.time_zone)
    run = start_scheduled(connection=connection, local_date=today, window_from=today)
    return follow(run or connection.runs.get(local_date=today), quiet=True)


def _told(run: Run) -> str:
    counts = equation(run)
    terms = ", ".join(f"{number} {name}" for name, number in counts.items() if number and name != "read")
    reason = f" ({run.reason})" if run.reason else ""
    return f"{counts['read']} rows read: {terms or 'nothing'}{reason}"
