from datetime import date

import pytest

from patients.pages import dates_typed

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1945-07-14", [("1945-07-14",)]),
        ("1945/7/14", [("1945-07-14",)]),
        ("14/07/1945", [("1945-07-14",)]),
        ("14.7.1945", [("1945-07-14",)]),
        ("14-Jul-1945", [("1945-07-14",)]),
        ("14 July 1945", [("1945-07-14",)]),
        ("Jul 14, 1945", [("1945-07-14",)]),
        ("19450714", [("1945-07-14",)]),
        ("7/14/1945", [("1945-07-14",)]),
        ("05/12/1969", [("1969-12-05",), ("1969-05-12",)]),
        ("05/05/1969", [("1969-05-05",)]),
        ("05/12/69", [("1969-12-05",), ("1969-05-12",)]),
        ("05/05/20", [("2020-05-05", "1920-05-05")]),
        ("1945-07", [("1945-07",)]),
        ("7/1945", [("1945-07",)]),
        ("Jul 1945", [("1945-07",)]),
        ("1945", [("1945",)]),
        ("29/02/2024", [("2024-02-29",)]),
        ("smith 1945", [("1945",)]),
    ],
)
def test_reads_a_date_in_the_usual_forms(text, readings):
    assert list(dates_typed.find(text, today=TODAY).readings) == readings


@pytest.mark.parametrize(
    "text",
    [
        "smith",
        "29/02/2023",
        "1845",
        "2027",
        "24/12/2026",
        "999-82-5655",
        "9434765919",
        "057aa36e-1945",
        "99999999",
        "",
    ],
)
def test_takes_nothing_else_for_one(text):
    assert dates_typed.find(text, today=TODAY) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("31/2/2000", "31/2/2000 is not a date in the calendar."),
        ("smith 2000-02-31 jo", "2000-02-31 is not a date in the calendar."),
        ("30 Feb 2000", "30 Feb 2000 is not a date in the calendar."),
        ("29.02.2023", "29.02.2023 is not a date in the calendar."),
        ("24/12/2026", "24/12/2026 is in the future, or more than 130 years ago."),
        ("1845-07-14", "1845-07-14 is in the future, or more than 130 years ago."),
    ],
)
def test_says_what_is_wrong_with_a_date_that_cannot_be_one_of_birth(text, sentence):
    assert dates_typed.mistake(text, today=TODAY) == sentence


@pytest.mark.parametrize(
    "text",
    [
        "14/7/1945",
        "7/14/1945",
        "999-82-5655",
        "12-34-5678",
        "99-99-99",
        "urn:x|31/2/2000",
        "20000231",
        "2027",
    ],
)
def test_finds_no_mistake_in_a_date_of_birth_or_a_number(text):
    assert dates_typed.mistake(text, today=TODAY) == ""
