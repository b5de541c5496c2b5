"""The engine beside its peers, in one process on one thread. Run with `python -m benchmarks`."""
