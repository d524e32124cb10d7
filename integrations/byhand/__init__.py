"""Tables that a person uploads and downloads: people, orders, permissions, with fixed column names.

django-import-export reads and writes the formats and cells; what is uploaded becomes a run like any
other and ends in `profiles.ingest`. A table with column names of its own is the file connector's.
"""
