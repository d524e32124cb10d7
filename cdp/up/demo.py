"""Example data for a fresh installation; the rooms above bring it as management commands.

`demo` makes the example organisations unless they are there, through the same door as real data, and
is told where Mailchimp's stand-in listens, so that nothing the examples send reaches anybody.
"""

from django.core.management import call_command, get_commands

COMMANDS = ("demo", "mailchimp_standin")
STANDIN_PORT = 8025


def is_there() -> bool:
    return all(command in get_commands() for command in COMMANDS)


def make(*, mailchimp: str) -> None:
    """Called at every start: the stand-in may have moved to another port."""
    call_command("demo", mailchimp=mailchimp)
