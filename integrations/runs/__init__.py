"""Runs: how they are started, how they go forward, how they end.

`verbs` is what people, commands, webhooks and the schedule call; `engine` is what the worker calls.
"""

from integrations.runs.engine import Outcome, advance
from integrations.runs.verbs import approve, cancel, retry, start
from integrations.runs.waking import wake, wake_all

__all__ = ["Outcome", "advance", "approve", "cancel", "retry", "start", "wake", "wake_all"]
