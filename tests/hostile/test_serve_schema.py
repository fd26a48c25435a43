"""Whatever fits the OpenAPI document, and what just does not, is answered as the document says: no fault."""

from __future__ import annotations

import warnings
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from serving import Server

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

pytestmark = [pytest.mark.bases, pytest.mark.realdata]

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
ONCE = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_the_server_is_as_its_document_says(server: Server, mode: schemathesis.GenerationMode) -> None:
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    statuses: Counter[int] = Counter()
    asked = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode.is_negative and operation.method != "post":
            continue  # nothing is sent there that could be wrong
        asked.add(f"{operation.method.upper()} {operation.path}")

        @ONCE
        @given(case=operation.as_strategy(generation_mode=mode))
        def every(case: schemathesis.Case) -> None:
            if case.path_parameters and "name" in case.path_parameters:
                case.path_parameters["name"] = "news"  # made-up names only ever meet the 404
            statuses[case.call_and_validate(checks=CHECKS).status_code] += 1

        every()
    assert "POST /v1/models/{name}:predict" in asked
    assert not any(status >= 500 for status in statuses), statuses
    if mode.is_positive:
        assert len(asked) == 6
        assert statuses[200] > 20
    else:
        assert statuses[400] + statuses[415] + statuses[422] > 5, statuses
