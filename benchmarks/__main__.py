"""python -m benchmarks NAME [options]: prints a table; asserts nothing."""

from __future__ import annotations

import argparse
import os


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
    import django

    django.setup()
    from benchmarks import batch, experiments, ingest, ledger, people
    from benchmarks.identity import command as identity

    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    commands = parser.add_subparsers(dest="name", required=True)
    ingest.arguments(commands.add_parser("ingest", help="the way in, beside COPY, SQL and import-export"))
    people.arguments(commands.add_parser("people", help="search, the list, the person page, home"))
    identity.arguments(
        commands.add_parser("identity", help="who is who: the matcher beside Splink, and a CSV of yours")
    )
    batch.arguments(commands.add_parser("batch", help="the exact rules over a whole table at once"))
    ledger.arguments(
        commands.add_parser("ledger", help="permissions: both forms of the decision, the ledger")
    )
    experiments.arguments(commands.add_parser("experiments", help="looking every day at a test of two forms"))
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
