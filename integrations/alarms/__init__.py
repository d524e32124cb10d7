"""Alarms: what a person should know about a connection, said once, and taken back when it is cured."""

from integrations.alarms.checking import check

__all__ = ["check"]
