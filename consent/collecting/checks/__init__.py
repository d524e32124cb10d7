"""The linter's checks (CONSENT.md 4.4): pure, each yields what it found in one `Case`."""
