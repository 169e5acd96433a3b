"""Database triggers shared by both apps' append-only tables."""

import pgtrigger

APPEND_ONLY = [
    pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
    pgtrigger.Protect(name="no_truncate", operation=pgtrigger.Truncate),
]
