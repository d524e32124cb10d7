"""What people see and settle themselves, by a signed link (CONSENT.md 2.12)."""
