"""Dates and times are told from classes however they are written."""

from __future__ import annotations

import datetime
import email.utils
import time
from collections import Counter
from collections.abc import Sequence

import pytest

from headstart.data.dates import are_dates

DAY = 86_400
START = 1_700_000_000
MOMENTS = [datetime.datetime(2023, 1, 1) + datetime.timedelta(hours=17 * i) for i in range(40)]


@pytest.mark.parametrize(
    "dates",
    [
        [moment.strftime("%Y%m%d") for moment in MOMENTS],
        [moment.strftime("%Y%m%d.0") for moment in MOMENTS[:5]],  # whole numbers beside a gap
        [moment.strftime("%Y%m%dT%H%M%SZ") for moment in MOMENTS],
        [f"2023-W{1 + i:02d}" for i in range(40)],
        [moment.isoformat() for moment in MOMENTS],
        [moment.strftime("%d.%m.%y") for moment in MOMENTS],
        [moment.strftime("%d-%b-%y") for moment in MOMENTS],
        [email.utils.formatdate(START + DAY * i) for i in range(40)],
        [time.asctime(time.gmtime(START + DAY * i)) for i in range(40)],
        [f"{1 + i % 28}. März 2023" for i in range(40)],
        [f"{1 + i % 28} août 2023" for i in range(40)],
        [f"{1 + i % 28} de octubre de 2023" for i in range(40)],
        [f"{START + DAY * i}" for i in range(5)],
        [f"{1000 * START + DAY * i}" for i in range(40)],
        [f"{START + DAY * i}.25" for i in range(40)],
        [f"{i % 20}:{i:02d}" for i in range(40)],
        [f"{1 + i % 12}:30 PM" for i in range(3)],
    ],
)
def test_dates(dates: Sequence[str]) -> None:
    assert are_dates(Counter(dates))


@pytest.mark.parametrize(
    "names",
    [
        ["16:9", "4:3", "16:10"],
        ["12345678", "23456789", "34567890"],  # numbers of eight digits that no calendar has
        ["4006381333931", "4012345678901", "5012345678900"],  # numbers of goods
        ["2619533011", "2238192011", "3760901011"],
        ["1.2.10", "1.3.10", "1.10.12"],
        ["May", "March", "2021", "2022"],
        ["1900000001", "1900000002"],
    ],
)
def test_classes(names: Sequence[str]) -> None:
    assert not are_dates(Counter(names * 10))
