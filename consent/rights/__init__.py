"""What people ask about their own data, from intake to proof (CONSENT.md 3)."""
