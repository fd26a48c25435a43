"""The page about the app names every route that there is."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.routing import APIRoute

from headstart.app import pages
from headstart.app.routes import documents, examples, files, jobs, projects, trying

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "app.md").read_text(encoding="utf-8")


def test_every_route_of_the_app_is_described_and_no_other():
    routes = {
        route.path
        for part in (documents, examples, files, jobs, projects, trying, pages)
        for route in part.router.routes
        if isinstance(route, APIRoute) and route.path.startswith("/api/")
    }
    named = set(re.findall(r"`(?:GET|POST|PUT|PATCH|DELETE) (/api/[^`? ]+)`", PAGE)) - {"/api/openapi.json"}
    assert named == routes
