"""The page at `/`: what is in each audience now, so that a new user sees what would have been sent."""

from __future__ import annotations

import string
import urllib.parse
from html import escape
from pathlib import Path

from .account import Account
from .audience import Audience, Member

HERE = Path(__file__).parent
ROWS = 200
EMPTY = "<p>No account has been used yet.</p>"


def style() -> bytes:
    return (HERE / "style.css").read_bytes()


def render(accounts: list[Account], query: dict[str, str]) -> bytes:
    audiences = {a.id: a for account in accounts for a in account.audiences.values()}
    if not audiences:
        return EMPTY.encode()
    chosen = audiences.get(query.get("list", "")) or next(iter(audiences.values()))
    status, q = query.get("status", ""), query.get("q", "").strip().lower()
    members = _matching(chosen, status, q)
    template = string.Template((HERE / "page.html").read_text())
    return template.substitute(
        title=escape(chosen.name),
        audiences="".join(_audience_link(a, chosen) for a in audiences.values()),
        numbers="".join(_number(chosen, name, n, status) for name, n in _numbers(chosen)),
        hidden=f'<input type="hidden" name="list" value="{escape(chosen.id)}">',
        q=escape(q),
        found=f"{len(members)} contacts, the newest {min(ROWS, len(members))} shown",
        rows="".join(_row(chosen, m) for m in members[:ROWS]),
    ).encode()


def _matching(audience: Audience, status: str, q: str) -> list[Member]:
    members = [
        m
        for m in list(audience.members.values())
        if (not status or m.status == status) and (not q or q in _text(audience, m))
    ]
    return sorted(members, key=lambda m: (m.last_changed, m.email_address), reverse=True)


def _text(audience: Audience, member: Member) -> str:
    words = [member.email_address, _name(member), *(audience.tags[t] for t in member.tags)]
    return " ".join(words).lower()


def _name(member: Member) -> str:
    return " ".join(str(member.merge_fields.get(f, "")) for f in ("FNAME", "LNAME")).strip()


def _numbers(audience: Audience) -> list[tuple[str, int]]:
    counts = {name: n for name, n in audience.counts().items() if n}
    return [("", sum(counts.values())), *counts.items()]


def _link(audience: Audience, text: str, *, current: bool, status: str = "") -> str:
    href = "/?" + urllib.parse.urlencode({"list": audience.id, "status": status})
    mark = ' aria-current="page"' if current else ""
    return f'<a href="{escape(href)}"{mark}>{text}</a>'


def _audience_link(audience: Audience, chosen: Audience) -> str:
    return _link(audience, escape(audience.name), current=audience is chosen)


def _number(audience: Audience, name: str, count: int, status: str) -> str:
    text = f"<strong>{count}</strong> {name or 'all'}"
    return f"<li>{_link(audience, text, current=name == status, status=name)}</li>"


def _row(audience: Audience, member: Member) -> str:
    tags = "".join(f'<span class="tag">{escape(audience.tags[t])}</span>' for t in sorted(member.tags))
    cells = (
        escape(member.email_address),
        escape(_name(member)),
        f'<span class="status">{member.status}</span>',
        escape(str(member.merge_fields.get("BASKET", ""))),
        tags,
        escape(member.last_changed[:16].replace("T", " ")),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
