"""Measures what docs/benchmarks.md promises: every figure beside a floor of the same run."""
