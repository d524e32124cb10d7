"""Decides one case alone, from its full facts: what any shortcut is held against."""

from __future__ import annotations

from datetime import datetime

from consent import answers, gather
from consent.gather import CHANNELS, House, Row


def answer_of(row: Row, house: House, now: datetime) -> answers.Answer:
    channel = CHANNELS[row.kind]
    return answers.answer(
        answers.questions(house, channel),
        gather.recipient(row, house),
        gather.events(row, house, channel),
        gather.relations(row),
        now,
        house,
    )
