"""Asking for permission: forms, their words, the linter, confirmation by mail."""
