"""Patients and searches for Hypothesis, made of so few and such odd values that they often meet.

`patients()` are valid Patients without id and meta; `searches()` are the pairs of query strings.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from patients.fhir.search_parameters import NATIVE_PATIENT_PARAMETERS
from patients.fhir.values.dates import PREFIXES
from patients.fhir.values.escaping import escape

WORDS = (
    "Smith",
    "SMITH",
    "smithers",
    "Sm\u00edth",
    "O\u2019Brien",
    "O'Brien",
    "M\u00fcller",
    "Mu\u0308ller",
    "Mueller",
    "Stra\u00dfe",
    "STRASSE",
    "\u0141ukasz",
    "Lukasz",
    "S\u00f8rensen",
    "Jos\u00e9 Mar\u00eda",
    "Jos\u00e9\u00a0Mar\u00eda",
    "Jose\u3000 Maria",
    "\u5c71\u7530",
    "\uff94\uff8f\uff80\uff9e",
    "\u30e4\u30de\u30c0",
    "\uae40",
    "\uae30",
    "\u0645\u064f\u062d\u0645\u062f",
    "\u0645\u062d\u0645\u062f",
    "\u0930\u093e\u092e",
    "\u0130stanbul",
    "\u2167",
    "\u0301",
    "\ud7ff",
    "\ud7ffb",
    "\ue000",
    "\U0010ffff",
    "\U0010ffffa",
    "\U0001d400",
    "a,b|c$d\\e",
    "100%",
    "a_b",
    "x",
)
SYSTEMS = ("urn:oid:1.2.3", "http://hospital.example/mrn", "urn:x|y,z")
CODES = ("12345", "A-1", "a-1", "S\u00dc\u00df", "m|n", "00012345")
NUMBERS = (
    "(03) 5555 6473",
    "03 5555-6473",
    "0355556473",
    "+61 3 5555 6473",
    "12",
    "(12)",
    "extension 12",
    "p@Example.org",
)
DATES = (
    "1979",
    "1980",
    "1980-02",
    "1980-02-29",
    "1980-03",
    "1980-03-01",
    "1999-12-31",
    "2000",
    "0001",
    "9999",
    "9999-12-31",
)
INSTANTS = (
    "2026",
    "2026-07",
    "2026-07-15",
    "2026-07-15T09:30Z",
    "2026-07-15T09:30:00.123Z",
    "2026-07-15T11:30:00.123+02:00",
    "2026-07-15T09:30:00.1239",
)
GENDERS = ("male", "female", "other", "unknown")
USES = ("official", "usual", "old", "maiden", "nickname", "temp", "anonymous")

words = st.sampled_from(WORDS)


def patients() -> st.SearchStrategy[dict[str, Any]]:
    """Valid Patients, often with several names and gaps in them."""
    deceased = st.sampled_from(
        ({}, {"deceasedBoolean": True}, {"deceasedBoolean": False}, {"deceasedDateTime": "2020-05"})
    )
    elements = _some(
        active=st.booleans(),
        gender=st.sampled_from(GENDERS),
        birthDate=st.sampled_from(DATES),
        name=_list(_names()),
        identifier=_list(_some(system=st.sampled_from(SYSTEMS), value=st.sampled_from(CODES)).filter(bool)),
        telecom=_list(_contact_points()),
        address=_list(_some(city=words, country=words).filter(bool)),
    )
    return st.builds(lambda some, death: {"resourceType": "Patient", **some, **death}, elements, deceased)


def searches(resource_type: str = "Patient", *, longest: int = 3) -> st.SearchStrategy[list[tuple[str, str]]]:
    """The criteria of valid searches, most of them of few parameters."""
    names = sorted(NATIVE_PATIENT_PARAMETERS)
    return st.lists(st.sampled_from(names).flatmap(_criteria), min_size=1, max_size=longest)


def _some(**elements: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=elements)


def _list(items: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(items, min_size=1, max_size=3)


def _names() -> st.SearchStrategy[dict[str, Any]]:
    return _some(
        use=st.sampled_from(USES),
        text=words,
        family=words,
        given=_list(words),
        prefix=_list(words),
        suffix=_list(words),
        period=st.sampled_from(({"start": "2001"}, {"end": "2002"})),
    ).filter(bool)


def _contact_points() -> st.SearchStrategy[dict[str, Any]]:
    system = st.sampled_from(("phone", "email", "fax", "sms", "other"))
    with_value = st.fixed_dictionaries({"system": system, "value": st.sampled_from(NUMBERS)})
    return st.one_of(with_value, with_value, st.builds(dict, system=system))


def _criteria(name: str) -> st.SearchStrategy[tuple[str, str]]:
    parameter = NATIVE_PATIENT_PARAMETERS[name]
    values = {"string": _strings(), "date": _dates(name), "token": _tokens(name)}[parameter.type]
    modifiers = [modifier for modifier in parameter.modifiers if modifier != "missing"]
    several = st.lists(values, min_size=1, max_size=3).map(",".join)
    found = st.tuples(st.sampled_from([name, *(f"{name}:{each}" for each in modifiers)]), several)
    return st.one_of(found, st.tuples(st.just(f"{name}:missing"), st.sampled_from(("true", "false"))))


def _strings() -> st.SearchStrategy[str]:
    searched = words.filter(lambda word: word != "\u0301")
    return st.builds(lambda word, length: escape(word[:length]), searched, st.integers(1, 6))


def _dates(name: str) -> st.SearchStrategy[str]:
    dates = st.sampled_from(DATES if name == "birthdate" else INSTANTS)
    return st.builds("".join, st.tuples(st.sampled_from(("", *PREFIXES)), dates))


def _tokens(name: str) -> st.SearchStrategy[str]:
    if name == "_id":
        return st.sampled_from(("a", "A", "b-1"))
    if name == "gender":
        return st.sampled_from((*GENDERS, "M", "Male", "http://hl7.org/fhir/administrative-gender|male"))
    if name in ("active", "deceased"):
        return st.sampled_from(("true", "false"))
    codes, systems = (CODES, SYSTEMS) if name == "identifier" else (NUMBERS, ("phone", "email", "sms"))
    code, system = st.sampled_from(codes).map(escape), st.sampled_from(systems).map(escape)
    return st.one_of(
        code, code.map("|{}".format), st.builds("{}|{}".format, system, code), system.map("{}|".format)
    )
