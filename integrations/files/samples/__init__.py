"""Sample files: what each system's export looks like, with its traps in it.

`write("ticketmaster", stream, rows=300, seed=1)`; used by the presets' documentation, the
demo, the tests and the benchmarks. The same arguments always write the same bytes.
"""

from integrations.files.samples.writing import write

__all__ = ["write"]
