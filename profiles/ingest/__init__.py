"""The only way in (DESIGN: a connector, a file, an API call and the demo all end here)."""

from profiles.ingest.undo import UndoReport, preview_undo, undo_intake
from profiles.ingest.verbs import ChunkResult, Permit, close_intake, correct, ingest, open_intake

__all__ = [
    "ChunkResult",
    "Permit",
    "UndoReport",
    "close_intake",
    "correct",
    "ingest",
    "open_intake",
    "preview_undo",
    "undo_intake",
]
