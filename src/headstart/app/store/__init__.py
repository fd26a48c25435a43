"""All that the app keeps in its database, a module for each table: typed rows in and out.

No other part of the app speaks SQL. Each function takes a connection, so that the caller decides what
belongs to one transaction (see `headstart.app.database`).
"""

from __future__ import annotations

from sqlite3 import Connection, IntegrityError

from headstart.app.store import apps, classes, examples, jobs, notes, projects, rejects, results, steps

__all__ = [
    "Connection",
    "IntegrityError",
    "apps",
    "classes",
    "examples",
    "jobs",
    "notes",
    "projects",
    "rejects",
    "results",
    "steps",
]
