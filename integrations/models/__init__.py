from integrations.models.alarm import Alarm, AlarmKind, AlarmOptOut
from integrations.models.connection import ApplyMode, Connection
from integrations.models.parcel import Parcel
from integrations.models.run import Run, RunState, RunStep, Step, StepState, Trigger
from integrations.models.upload import Upload
from integrations.models.webhook import DeliveryState, WebhookDelivery

__all__ = [
    "Alarm",
    "AlarmKind",
    "AlarmOptOut",
    "ApplyMode",
    "Connection",
    "DeliveryState",
    "Parcel",
    "Run",
    "RunState",
    "RunStep",
    "Step",
    "StepState",
    "Trigger",
    "Upload",
    "WebhookDelivery",
]
