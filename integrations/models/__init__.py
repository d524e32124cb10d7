from integrations.models.alarm import Alarm, AlarmKind, AlarmOptOut
from integrations.models.connection import ApplyMode, Connection
from integrations.models.parcel import Parcel
from integrations.models.run import Run, RunState, RunStep, Step, StepState, Trigger

__all__ = [
    "Alarm",
    "AlarmKind",
    "AlarmOptOut",
    "ApplyMode",
    "Connection",
    "Parcel",
    "Run",
    "RunState",
    "RunStep",
    "Step",
    "StepState",
    "Trigger",
]
