"""Example data for a fresh installation; the rooms above bring it as management commands.

`demo_services` keeps stand-ins for outside systems running, so that nothing the examples send reaches
anybody. `demo` makes the example organisations unless they are there, through the same door as real
data, and says what it is doing.
"""

from typing import TextIO

from django.core.management import call_command, get_commands

SERVICES = "demo_services"


def is_there() -> bool:
    return {"demo", SERVICES} <= get_commands().keys()


def make(say: TextIO) -> None:
    """Called at every start: a stand-in may have moved to another port."""
    call_command("demo", stdout=say)
