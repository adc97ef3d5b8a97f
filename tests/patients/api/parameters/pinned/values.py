"""Resources of the set that differ in a number, a date, a quantity, a URI, or in what stands together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.patients.api.parameters.pinned.resources import (
    LOINC,
    UCUM,
    Resource,
    concept,
    observation,
    quantity,
    resource,
    to,
)


def numbers() -> Iterator[Resource]:
    factors = {"n99.4": 99.4, "n99.5": 99.5, "n99.99": 99.99, "n99.995": 99.995, "n100": 100}
    factors |= {"n100.005": 100.005, "n100.4": 100.4, "n100.5": 100.5, "minus": -100, "zero": 0}
    for id, factor in {**factors, "none": None}.items():
        number = {} if factor is None else {"factorOverride": factor}
        yield resource(
            "ChargeItem",
            id,
            status="billable",
            code=concept(text="x"),
            subject=to("Patient", "eve"),
            **number,
        )
    for start in (99, 100, 101):
        yield resource("MolecularSequence", f"at{start}", coordinateSystem=0, variant=[{"start": start}])


def dates() -> Iterator[Resource]:
    moments = {
        "t00": "2013-01-14T00:00:00Z",
        "t10": "2013-01-14T10:00:00Z",
        "nxt": "2013-01-15T00:00:00Z",
        "day": "2013-01-14",
        "mon": "2013-01",
        "yr": "2013",
        "mar": "2013-03-14",
        "west": "2013-01-14T23:30:00-05:00",
        "east": "2013-01-15T01:00:00+02:00",
        "far": "2015-06-15",
    }
    for id, moment in moments.items():
        yield observation(id, effectiveDateTime=moment)
    yield observation("from21", effectivePeriod={"start": "2013-01-21"})
    yield observation("upto21", effectivePeriod={"end": "2013-01-21"})
    yield observation("from15", effectivePeriod={"start": "2013-03-15"})
    yield observation("march", effectivePeriod={"start": "2013-03-01", "end": "2013-03-31"})
    schedule = {"frequency": 1, "period": 2, "periodUnit": "d"}
    limits = {"start": "2017-01-31", "end": "2017-03-24"}
    yield observation("schedule", effectiveTiming={"repeat": {**schedule, "boundsPeriod": limits}})
    yield observation("undated")


def quantities() -> Iterator[Resource]:
    values = {"q5.35": 5.35, "q5.4": 5.4, "q5.449": 5.449, "q5.45": 5.45, "q4.86": 4.86, "q6": 6, "q5": 5}
    for id, value in values.items():
        yield observation(id, "amount", valueQuantity=quantity(value, "mg"))
    yield observation("gram", "amount", valueQuantity=quantity(5.4, "g"))
    yield observation("said", "amount", valueQuantity={"value": 5.4, "unit": "mg"})
    yield observation(
        "spoken", "amount", valueQuantity={"value": 5.4, "unit": "milligram", "system": UCUM, "code": "mg"}
    )
    yield observation("own", "amount", valueQuantity={"value": 5.4, "system": "urn:own", "code": "mg"})
    yield observation("below3", "amount", valueQuantity=quantity(3, "mg", comparator="<"))
    yield observation("above9", "amount", valueQuantity=quantity(9, "mg", comparator=">"))
    yield observation("wordy", "amount", valueString="5.4 mg")
    yield observation("tiny", "amount", valueQuantity=quantity(0.0054, "kg"))


def uris() -> Iterator[Resource]:
    urls = {
        "v123": "http://acme.org/fhir/ValueSet/123",
        "v1234": "http://acme.org/fhir/ValueSet/1234",
        "vcase": "http://acme.org/fhir/valueset/123",
    }
    urls |= {
        "vroot": "http://acme.org/fhir",
        "void": "urn:oid:1.2.3.4.5",
        "vhist": "http://acme.org/fhir/ValueSet/123/_history/5",
        "vfhirs": "http://acme.org/fhirs",
    }
    for id, url in urls.items():
        yield resource("ValueSet", id, status="active", url=url, title=f"Title of {id}")


def composites() -> Iterator[Resource]:
    def component(code: str, value: Any) -> Resource:
        return {"code": concept((LOINC, code)), "valueQuantity": quantity(value, "mm[Hg]")}

    yield observation("wide", "spread", component=[component("1", 1), component("2", 10)])
    yield observation("narrow", "spread", component=[component("1", 5), component("2", 6)])
    panel = concept((LOINC, "85354-9"))
    yield observation("bp-high", code=panel, component=[component("8480-6", 160), component("8462-4", 70)])
    yield observation("bp-low", code=panel, component=[component("8480-6", 110), component("8462-4", 65)])
    yield observation("bp-odd", code=panel, component=[component("8480-6", 70), component("8462-4", 160)])
    yield observation("potassium", code=concept((LOINC, "2823-3")), valueQuantity=quantity(6.2, "mmol/L"))
    yield observation("sodium", code=concept((LOINC, "2951-2")), valueQuantity=quantity(140, "mmol/L"))
    yield observation("pot-low", code=concept((LOINC, "2823-3")), valueQuantity=quantity(3.1, "mmol/L"))
    yield resource(
        "DiagnosticReport",
        "report",
        status="final",
        code=concept(text="x"),
        result=[to("Observation", "potassium"), to("Observation", "sodium")],
    )
    yield observation("blood", code=concept((LOINC, "883-9")), valueCodeableConcept=concept(("urn:abo", "A")))

    def trait(code: str, value: str, *, exclude: bool) -> Resource:
        return {
            "code": concept(("urn:trait", code)),
            "valueCodeableConcept": concept(("urn:trait", value)),
            "exclude": exclude,
        }

    for id, traits in {
        "mixed": [trait("gender", "mixed", exclude=False), trait("owner", "acme", exclude=False)],
        "crossed": [trait("gender", "acme", exclude=False), trait("owner", "mixed", exclude=False)],
    }.items():
        yield resource("Group", id, type="animal", actual=False, characteristic=traits)
