"""People of the set, what is said about them in codes, and what refers to whom."""

from __future__ import annotations

from collections.abc import Iterator

from tests.patients.api.parameters.pinned.resources import (
    LOINC,
    PREFIX,
    Resource,
    concept,
    observation,
    quantity,
    resource,
    to,
)

_XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
_EMPTY = {"text": {"status": "generated", "div": f"<div {_XHTML}>x</div>"}}


def people() -> Iterator[Resource]:
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


def tokens() -> Iterator[Resource]:
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


def linked() -> Iterator[Resource]:
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
