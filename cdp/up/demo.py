"""Example data for a fresh installation; other rooms bring it as management commands.

`demo` makes the example organisations unless they are there, through the same door as real data.
`demo_services` keeps stand-ins for outside systems running, so that nothing is sent anywhere.
"""

from django.core.management import call_command, get_commands


def has(command: str) -> bool:
    return command in get_commands()


def make() -> None:
    call_command("demo")
