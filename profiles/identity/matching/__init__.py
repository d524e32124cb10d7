"""The statistical matcher: which records are one person where no identifier says so.

`match.match` is the whole of it; docs/explanation/matching.md tells how it decides. Pure: it
knows no database, and nothing of the rest of the room but `profiles.normalise`.
"""
