"""PostgreSQL and Valkey from pinned wheels, run as children: what `make run` and the tests use when no server is given.

Needs no Django, because settings are read only after the addresses of these servers are known.
"""
