"""Example data for a fresh installation; the rooms above bring it as management commands.

`mailchimp_standin` plays Mailchimp, so that nothing the examples send reaches anybody. `demo` makes the
example organisations unless they are there, through the same door as real data, and says what it does.
"""

from typing import TextIO

from django.core.management import call_command, get_commands

STAND_IN = "mailchimp_standin"
STAND_IN_PORT = 8025


def is_there() -> bool:
    return {"demo", STAND_IN} <= get_commands().keys()


def make(say: TextIO, *, mailchimp: str) -> None:
    """Called at every start: the stand-in may have moved to another port."""
    call_command("demo", mailchimp=mailchimp, stdout=say)
