"""The small hand-made set that pinned searches are asked of. Ids stand here without their prefix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

PREFIX = "pin."
TAG = {"system": "urn:pinned", "code": "all"}
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"

Resource = dict[str, Any]


def resource(type: str, id: str, /, **elements: Any) -> Resource:
    # `class_` is the Encounter's class, `for_` the Task's for.
    renamed = {name.rstrip("_"): value for name, value in elements.items()}
    meta = {**renamed.pop("meta", {})}
    return {
        "resourceType": type,
        "id": PREFIX + id,
        "meta": {**meta, "tag": [TAG, *meta.get("tag", [])]},
        **renamed,
    }


def concept(*codes: tuple[str | None, str], text: str | None = None) -> Resource:
    codings = [
        {"code": code} if system is None else {"system": system, "code": code} for system, code in codes
    ]
    return ({"coding": codings} if codings else {}) | ({"text": text} if text else {})


def to(type: str, id: str) -> Resource:
    return {"reference": f"{type}/{PREFIX}{id}"}


def quantity(value: Any, unit: str | None = None, **others: Any) -> Resource:
    coded = {"unit": unit, "system": UCUM, "code": unit} if unit else {}
    return {"value": value, **coded, **others}


def observation(id: str, kind: str = "date", /, **elements: Any) -> Resource:
    return resource("Observation", id, **{"status": "final", "code": concept(("urn:kind", kind)), **elements})


def everything() -> list[Resource]:
    return [
        *_numbers(),
        *_dates(),
        *_people(),
        *_tokens(),
        *_quantities(),
        *_linked(),
        *_uris(),
        *_composites(),
    ]


def _numbers() -> Iterator[Resource]:
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


def _dates() -> Iterator[Resource]:
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


def _people() -> Iterator[Resource]:
    for id, given in {
        "eve": "Eve",
        "eve2": "eve",
        "eve3": "EVE",
        "evelyn": "Evelyn",
        "severine": "Severine",
    }.items():
        yield resource("Patient", id, name=[{"given": [given], "family": "Testcase"}])
    yield resource("Patient", "accent", name=[{"given": ["Ève"], "family": "Testcase"}])
    families = {"percent": "100%", "thousand": "1000", "under": "a_b", "axb": "axb", "comma": "Doe, Jr"}
    families |= {"doe": "Doe", "roe": "Roe", "bar": "p|q", "dollar": "p$q", "back": "p\\q"}
    for id, family in families.items():
        yield resource("Patient", id, name=[{"family": family}])
    yield resource(
        "Patient",
        "both",
        name=[
            {"use": "official", "family": "Chalmers", "given": ["Peter", "James"]},
            {"use": "maiden", "family": "Windsor", "given": ["Peter"], "suffix": ["Esq"]},
        ],
        gender="male",
        active=True,
        birthDate="1974-12-25",
        address=[{"line": ["534 Erewhon St"], "city": "PleasantVille", "country": "Australia"}],
        communication=[
            {"language": concept(("urn:ietf:bcp:47", "fr"))},
            {"language": concept(("urn:ietf:bcp:47", "nl"))},
        ],
        telecom=[
            {"system": "phone", "value": "03 5555 6473", "use": "work"},
            {"system": "email", "value": "p@example.org"},
        ],
    )
    yield resource(
        "Patient",
        "peter",
        name=[{"family": "Jameson", "given": ["Peter"]}],
        gender="male",
        active=False,
        birthDate="1974-12",
        communication=[{"language": concept(("urn:ietf:bcp:47", "fr"))}],
    )
    yield resource(
        "Patient",
        "ann",
        name=[{"text": "Ann of Green"}],
        gender="female",
        birthDate="1974",
        communication=[{"language": concept(("urn:ietf:bcp:47", "nl"))}],
        deceasedDateTime="2015",
    )
    absent = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    yield resource(
        "Patient", "absent", name=[{"family": "Absent"}], birthDate="1999", _gender={"extension": [absent]}
    )
    yield resource("Patient", "unborn", name=[{"family": "Unborn"}], _birthDate={"extension": [absent]})


def _tokens() -> Iterator[Resource]:
    acme = "http://acme.org/conditions/codes"
    codes = {
        "ha-acme": concept((acme, "ha125"), text="Severe headache at night"),
        "ha-other": concept(("urn:other", "ha125")),
        "ha-bare": concept((None, "ha125")),
        "two": concept((acme, "ha125"), ("urn:other", "m-1")),
        "words": concept(text="Headache"),
        "odd": concept(("urn:odd|x", "a,b")),
    }
    for id, code in codes.items():
        yield resource("Condition", id, subject=to("Patient", "eve"), code=code)
    narrative = {"status": "generated", "div": f"<div {_XHTML}>Bone <b>metastases</b>, two of them</div>"}
    yield resource("Condition", "uncoded", subject=to("Patient", "eve"), text=narrative)
    clinical = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
    yield resource(
        "AllergyIntolerance",
        "active",
        patient=to("Patient", "eve"),
        clinicalStatus=concept((clinical, "active")),
    )
    yield resource("AllergyIntolerance", "unsaid", patient=to("Patient", "eve"))
    sections = {"one": ["48765-2"], "others": ["48765-2", "11450-4"], "another": ["11450-4"], "bare": []}
    for id, found in sections.items():
        yield resource(
            "Composition",
            id,
            status="final",
            type=concept((LOINC, "34133-9")),
            date="2020",
            author=[{"display": "x"}],
            title="x",
            section=[
                {"title": "x", "code": concept((LOINC, code)), "emptyReason": concept(text="x")} | _EMPTY
                for code in found
            ]
            or [{"title": "x"} | _EMPTY],
        )
    types = "http://terminology.hl7.org/CodeSystem/v2-0203"
    yield resource(
        "Organization",
        "mr",
        identifier=[{"type": concept((types, "MR")), "system": "urn:a", "value": "446053"}],
    )
    yield resource(
        "Organization",
        "dl",
        identifier=[{"type": concept((types, "DL")), "system": "urn:b", "value": "446053"}],
    )
    yield resource("Organization", "plain", identifier=[{"value": "446053"}])
    yield resource(
        "Organization",
        "cross",
        identifier=[
            {"type": concept((types, "MR")), "value": "1"},
            {"type": concept((types, "DL")), "value": "446053"},
        ],
    )


_XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
_EMPTY = {"text": {"status": "generated", "div": f"<div {_XHTML}>x</div>"}}


def _quantities() -> Iterator[Resource]:
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


def _linked() -> Iterator[Resource]:
    yield resource("Organization", "north", name="North Clinic")
    yield resource("Organization", "south", name="South Clinic", partOf=to("Organization", "north"))
    yield resource(
        "Patient",
        "ruth",
        name=[{"family": "Ruthless", "given": ["Ruth"]}],
        gender="female",
        managingOrganization=to("Organization", "north"),
    )
    yield resource(
        "Patient",
        "sam",
        name=[{"family": "Samuels", "given": ["Sam"]}],
        gender="male",
        managingOrganization=to("Organization", "south"),
    )
    yield resource("Practitioner", "joe", name=[{"family": "Joeson"}], address=[{"state": "CA"}])
    yield resource("Practitioner", "jane", name=[{"family": "Janeson"}], address=[{"state": "MN"}])
    yield resource(
        "Patient",
        "cared",
        name=[{"family": "Cared"}],
        generalPractitioner=[to("Practitioner", "joe"), to("Practitioner", "jane")],
    )
    yield resource("Group", "ruth", type="person", actual=True, code=concept(("urn:kind", "ward")))
    yield resource(
        "Practitioner", "doc", name=[{"family": "Grey"}], identifier=[{"system": "urn:doc", "value": "7"}]
    )
    links = {
        "of-ruth": to("Patient", "ruth"),
        "of-sam": to("Patient", "sam"),
        "of-group": to("Group", "ruth"),
        "of-version": {"reference": f"Patient/{PREFIX}ruth/_history/1"},
        "of-url": {"reference": f"http://testserver/fhir/Patient/{PREFIX}ruth"},
        "of-elsewhere": {"reference": f"http://elsewhere.example/fhir/Patient/{PREFIX}ruth"},
        "of-urn": {"reference": "urn:uuid:6e3a8d6e-0f5a-4d5c-9a3b-0c5b1c0f0a11"},
        "of-number": {"identifier": {"system": "urn:mrn", "value": "12345"}, "display": "somebody"},
        "of-nobody": None,
    }
    for at, (id, subject) in enumerate(links.items()):
        about = {} if subject is None else {"subject": subject}
        yield observation(
            id,
            "link",
            **about,
            valueDateTime=f"2020-01-{at + 1:02}",
            performer=[to("Practitioner", "doc")] if at < 2 else [{"display": "x"}],
        )
    yield resource(
        "Encounter",
        "e1",
        status="finished",
        class_={"code": "AMB"},
        subject=to("Patient", "ruth"),
        length=quantity(30, "min"),
    )
    yield observation(
        "in-e1",
        "link",
        subject=to("Patient", "ruth"),
        encounter=to("Encounter", "e1"),
        valueDateTime="2020-01-20",
    )
    yield resource(
        "Provenance",
        "prov",
        target=[to("Observation", "of-ruth"), to("Observation", "of-sam")],
        recorded="2020-01-01T00:00:00Z",
        agent=[{"who": to("Practitioner", "doc")}],
    )
    yield resource(
        "List",
        "watched",
        status="current",
        mode="working",
        entry=[{"item": to("Patient", "ruth")}, {"item": to("Observation", "of-sam")}],
    )
    yield resource(
        "Basic",
        "labelled",
        code=concept(("urn:kind", "label")),
        meta={
            "profile": ["http://example.org/p/one", "http://example.org/p/two"],
            "security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}],
            "tag": [{"system": "urn:colour", "code": "red"}, {"system": "urn:colour", "code": "blue"}],
            "source": "http://example.org/source#1",
        },
    )
    yield resource(
        "Basic",
        "half",
        code=concept(("urn:kind", "label")),
        meta={"tag": [{"system": "urn:colour", "code": "red"}]},
    )
    yield resource("Basic", "unlabelled", code=concept(("urn:kind", "label")))


def _uris() -> Iterator[Resource]:
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


def _composites() -> Iterator[Resource]:
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
