"""The one-time link of a fresh installation: whoever opens it becomes its first operator."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import get_public_schema_name, schema_context

from organisations import oneway, verbs
from organisations.errors import Refused
from organisations.models import FirstLogin, Organisation, User
from organisations.roles import Role

LIVES = timedelta(hours=24)


def make_link(base_url: str) -> str:
    """A new link; those made before stop working."""
    secret = oneway.make()
    with schema_context(get_public_schema_name()), transaction.atomic():
        FirstLogin.objects.filter(used_at=None).delete()
        FirstLogin.objects.create(token_hash=oneway.digest(secret), expires_at=timezone.now() + LIVES)
    return f"{base_url.rstrip('/')}/welcome/{secret}/"


def find(secret: str) -> FirstLogin | None:
    return FirstLogin.objects.filter(
        token_hash=oneway.digest(secret), used_at=None, expires_at__gt=timezone.now()
    ).first()


def use(*, link: FirstLogin, name: str, email: str, password: str) -> User:
    """Makes the operator, who is also administrator of the organisations with example data.

    Of those only: an operator sees no people, and a link made later must not open a
    real organisation.
    """
    with transaction.atomic():
        won = FirstLogin.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now())
        if won != 1:
            raise Refused(_("This link has been used. Ask for a new one."))
        user = verbs.create_user(email=email, name=name, password=password, is_operator=True)
        for organisation in Organisation.objects.filter(is_demo=True):
            verbs.add_member(actor=user, organisation=organisation, user=user, role=Role.ADMINISTRATOR)
    return user
