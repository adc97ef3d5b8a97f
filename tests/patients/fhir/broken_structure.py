"""Resources with members that R4 does not allow: what is wrong, the resource, and the element to be named."""

from tests.patients.fhir.resources import (
    MISSING,
    UNKNOWN,
    XHTML,
    Broken,
    allergy,
    bundle,
    condition,
    encounter,
    medication_request,
    narrative,
    observation,
    patient,
)

_DIV = "Patient.text.div"

MEMBERS: list[Broken] = [
    ("unknown member", patient(surname="Okonkwo"), "Patient.surname"),
    ("unknown member within", patient(name=[{"familly": "Okonkwo"}]), "Patient.name[0].familly"),
    ("member of another type", patient(status="final"), "Patient.status"),
    ("member that is almost right", patient(birthdate="1974-12-25"), "Patient.birthdate"),
    ("twin of an object", patient(_name=[UNKNOWN]), "Patient._name"),
    ("twin of the id", patient(_id=UNKNOWN), "Patient._id"),
    ("object for an array", patient(name={"family": "Okonkwo"}), "Patient.name"),
    ("string for an array", patient(name=[{"given": "Adaeze"}]), "Patient.name[0].given"),
    ("strings for objects", patient(identifier=["12345"]), "Patient.identifier[0]"),
    ("string for an object", observation(subject="Patient/pat1"), "Observation.subject"),
    ("array for an object", observation(code=[{"text": "Weight"}]), "Observation.code"),
    ("array for a value", patient(gender=["female"]), "Patient.gender"),
    ("object for a value", patient(birthDate={"value": "1974"}), "Patient.birthDate"),
    ("array in an array", patient(name=[[{"family": "Okonkwo"}]]), "Patient.name[0]"),
    ("empty array", patient(name=[]), "Patient.name"),
    ("empty array of values", patient(name=[{"given": []}]), "Patient.name[0].given"),
    ("empty object", patient(maritalStatus={}), "Patient.maritalStatus"),
    ("empty object in an array", patient(name=[{}]), "Patient.name[0]"),
    ("object with an id only", patient(name=[{"id": "n1"}]), "Patient.name[0]"),
    ("null", patient(birthDate=None), "Patient.birthDate"),
    ("null for an object", patient(maritalStatus=None), "Patient.maritalStatus"),
    ("null in an array of objects", patient(name=[None]), "Patient.name[0]"),
    ("null without its twin", patient(name=[{"given": ["Ada", None]}]), "Patient.name[0].given[1]"),
    (
        "null in both twins",
        patient(name=[{"given": ["Ada", None], "_given": [UNKNOWN, None]}]),
        "Patient.name[0].given[1]",
    ),
    (
        "twins of different length",
        patient(name=[{"given": ["Ada", "Ngozi"], "_given": [UNKNOWN]}]),
        "Patient.name[0].given",
    ),
    (
        "twin without a value or extension",
        patient(name=[{"_given": [None, UNKNOWN]}]),
        "Patient.name[0].given[0]",
    ),
    ("twin that is a string", patient(_birthDate="unknown"), "Patient.birthDate"),
    ("twin that is an object for an array", patient(name=[{"_given": UNKNOWN}]), "Patient.name[0].given"),
    ("two values of a choice", observation(valueString="72.5"), "Observation.value"),
    (
        "two values of a choice, one a twin",
        patient(deceasedBoolean=True, _deceasedDateTime=UNKNOWN),
        "Patient.deceased",
    ),
    (
        "type that the choice has not",
        observation(valueQuantity=MISSING, valueDecimal=72.5),
        "Observation.valueDecimal",
    ),
    ("choice without its type", observation(valueQuantity=MISSING, value=72.5), "Observation.value"),
]

REQUIRED: list[Broken] = [
    ("Observation without status", observation(status=MISSING), "Observation.status"),
    ("Observation without code", observation(code=MISSING), "Observation.code"),
    ("Encounter without class", encounter(class_=MISSING), "Encounter.class"),
    ("Encounter without status", encounter(status=MISSING), "Encounter.status"),
    ("Condition without subject", condition(subject=MISSING), "Condition.subject"),
    ("AllergyIntolerance without patient", allergy(patient=MISSING), "AllergyIntolerance.patient"),
    ("MedicationRequest without intent", medication_request(intent=MISSING), "MedicationRequest.intent"),
    (
        "MedicationRequest without medication",
        medication_request(medicationCodeableConcept=MISSING),
        "MedicationRequest.medication",
    ),
    ("extension without url", patient(extension=[{"valueString": "x"}]), "Patient.extension[0].url"),
    ("Bundle without type", bundle(patient(), type=MISSING), "Bundle.type"),
    ("link without type", patient(link=[{"other": {"reference": "Patient/p2"}}]), "Patient.link[0].type"),
    ("link without other", patient(link=[{"type": "seealso"}]), "Patient.link[0].other"),
    (
        "communication without language",
        patient(communication=[{"preferred": True}]),
        "Patient.communication[0].language",
    ),
    (
        "component without code",
        observation(component=[{"valueString": "x"}]),
        "Observation.component[0].code",
    ),
    ("narrative without status", patient(text={"div": f"<div {XHTML}>x</div>"}), "Patient.text.status"),
    ("narrative without text", patient(text={"status": "generated"}), "Patient.text.div"),
]

INNER_RESOURCES: list[Broken] = [
    (
        "contained with a bad code",
        observation(contained=[{"resourceType": "Patient", "id": "x", "gender": "X"}]),
        "Observation.contained[0].gender",
    ),
    (
        "contained of an unknown type",
        observation(contained=[{"resourceType": "Person2", "id": "x"}]),
        "Observation.contained[0].resourceType",
    ),
    (
        "contained without a type",
        observation(contained=[{"id": "x"}]),
        "Observation.contained[0].resourceType",
    ),
    ("contained string", observation(contained=["Patient/1"]), "Observation.contained[0]"),
    (
        "entry with a bad code",
        bundle(patient(), observation(status="done")),
        "Bundle.entry[1].resource.status",
    ),
    ("entry with an unknown member", bundle(patient(nmae=[])), "Bundle.entry[0].resource.nmae"),
    (
        "entry of an unknown type",
        bundle(patient(resourceType="Patien")),
        "Bundle.entry[0].resource.resourceType",
    ),
    ("entry that is no resource", bundle(entry=[{"resource": "Patient"}]), "Bundle.entry[0].resource"),
    (
        "parameter with a bad date",
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "p", "resource": patient(birthDate="1974-02-31")}],
        },
        "Parameters.parameter[0].resource.birthDate",
    ),
]

NARRATIVES: list[Broken] = [
    ("script", patient(text=narrative("<script>alert(1)</script>")), _DIV),
    ("event attribute", patient(text=narrative('<b onclick="alert(1)">x</b>')), _DIV),
    ("form", patient(text=narrative('<form action="/"><p>x</p></form>')), _DIV),
    ("frame", patient(text=narrative('<iframe src="https://example.org"/>')), _DIV),
    ("link that runs", patient(text=narrative('<a href="javascript:alert(1)">x</a>')), _DIV),
    ("link that runs, disguised", patient(text=narrative('<a href=" java&#10;script:alert(1)">x</a>')), _DIV),
    ("link with an entity of HTML 5", patient(text=narrative('<a href="javascript&colon;x">x</a>')), _DIV),
    ("image of markup", patient(text=narrative('<img src="data:text/html,x"/>')), _DIV),
    ("drawing that runs", patient(text=narrative("<svg onload='alert(1)'/>")), _DIV),
    ("style that loads", patient(text=narrative('<p style="background:url(//example.org/x)">x</p>')), _DIV),
    ("style sheet", patient(text=narrative("<style>p{}</style>x")), _DIV),
    (
        "entity of its own",
        patient(text={"status": "generated", "div": f'<!DOCTYPE d [<!ENTITY e "x">]><div {XHTML}>&e;</div>'}),
        _DIV,
    ),
    ("tag that is not closed", patient(text=narrative("<p>x")), _DIV),
    ("other root", patient(text={"status": "generated", "div": f"<p {XHTML}>x</p>"}), _DIV),
    ("no namespace", patient(text={"status": "generated", "div": "<div>x</div>"}), _DIV),
    ("nothing to read", patient(text=narrative(" <p> </p> ")), _DIV),
]
