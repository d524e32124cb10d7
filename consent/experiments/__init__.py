"""Tests of which form asks best (CONSENT.md 4)."""
