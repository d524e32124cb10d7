"""How what this room keeps of a person is forgotten: rows as they came, copies of files, what other
systems called to tell; and what only a person can ask of others.

The customer's own files and systems are never touched: those who look after them are told.
"""
