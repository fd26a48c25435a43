"""scikit-learn's own checks, and what they do not cover: inputs that are not tables of numbers."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from headstart.sklearn import TransferClassifier

# Checks of scikit-learn that cannot hold, with the reason.
EXPECTED: dict[str, str] = {}


@parametrize_with_checks([TransferClassifier()], expected_failed_checks=lambda estimator: EXPECTED)
def test_scikit_learns_checks_on_tables_of_numbers(estimator, check):
    check(estimator)
