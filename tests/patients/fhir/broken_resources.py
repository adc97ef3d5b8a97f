"""Resources that R4 does not allow: what is wrong, the resource, and the element that must be named."""

from tests.patients.fhir.resources import (
    MISSING,
    UNKNOWN,
    XHTML,
    Value,
    allergy,
    bundle,
    concept,
    condition,
    encounter,
    medication_request,
    narrative,
    observation,
    patient,
)

Broken = tuple[str, Value, str]

_PHOTO = {"contentType": "image/png"}
_CONDITION_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"

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

VALUES: list[Broken] = [
    ("date as a number", patient(birthDate=1974), "Patient.birthDate"),
    ("date with month 13", patient(birthDate="1974-13-40"), "Patient.birthDate"),
    ("date with month 0", patient(birthDate="1974-00"), "Patient.birthDate"),
    ("30 February", patient(birthDate="2001-02-30"), "Patient.birthDate"),
    ("29 February of a common year", patient(birthDate="1900-02-29"), "Patient.birthDate"),
    ("31 June", observation(effectiveDateTime="2020-06-31T10:00:00Z"), "Observation.effectiveDateTime"),
    ("date with a time", patient(birthDate="1974-12-25T10:00:00Z"), "Patient.birthDate"),
    ("day first", patient(birthDate="25/12/1974"), "Patient.birthDate"),
    ("year of two digits", patient(birthDate="74"), "Patient.birthDate"),
    ("year 0000", patient(birthDate="0000"), "Patient.birthDate"),
    ("date in other digits", patient(birthDate="١٩٧٤-12-25"), "Patient.birthDate"),
    ("date with a space after", patient(birthDate="1974-12-25 "), "Patient.birthDate"),
    ("date with a line feed after", patient(birthDate="1974-12-25\n"), "Patient.birthDate"),
    (
        "dateTime without zone",
        observation(effectiveDateTime="2020-01-01T10:00:00"),
        "Observation.effectiveDateTime",
    ),
    (
        "dateTime without seconds",
        observation(effectiveDateTime="2020-01-01T10:00Z"),
        "Observation.effectiveDateTime",
    ),
    (
        "dateTime at hour 24",
        observation(effectiveDateTime="2020-01-01T24:00:00Z"),
        "Observation.effectiveDateTime",
    ),
    (
        "zone beyond 14 hours",
        observation(effectiveDateTime="2020-01-01T10:00:00+15:00"),
        "Observation.effectiveDateTime",
    ),
    (
        "instant without zone",
        patient(meta={"lastUpdated": "2024-01-01T10:00:00"}),
        "Patient.meta.lastUpdated",
    ),
    ("instant of a day", observation(issued="2024-01-01"), "Observation.issued"),
    ("time with a zone", observation(valueQuantity=MISSING, valueTime="10:00:00Z"), "Observation.valueTime"),
    ("boolean as a string", patient(active="true"), "Patient.active"),
    ("boolean as a number", patient(active=1), "Patient.active"),
    ("integer as a string", patient(multipleBirthInteger="2"), "Patient.multipleBirthInteger"),
    ("integer as a boolean", patient(multipleBirthInteger=True), "Patient.multipleBirthInteger"),
    ("integer with a fraction", patient(multipleBirthInteger=2.0), "Patient.multipleBirthInteger"),
    ("integer of more than 32 bits", patient(multipleBirthInteger=2**31), "Patient.multipleBirthInteger"),
    ("decimal as a string", observation(valueQuantity={"value": "72.5"}), "Observation.valueQuantity.value"),
    ("positiveInt 0", patient(telecom=[{"system": "phone", "rank": 0}]), "Patient.telecom[0].rank"),
    ("positiveInt 1.5", patient(telecom=[{"system": "phone", "rank": 1.5}]), "Patient.telecom[0].rank"),
    ("unsignedInt -1", bundle(patient(), type="searchset", total=-1), "Bundle.total"),
    ("id of 65 characters", patient(id="x" * 65), "Patient.id"),
    ("id with an underscore", patient(id="pat_1"), "Patient.id"),
    ("empty id", patient(id=""), "Patient.id"),
    ("empty string", patient(name=[{"family": ""}]), "Patient.name[0].family"),
    ("blank string", patient(name=[{"family": "   "}]), "Patient.name[0].family"),
    ("string of ideographic spaces", patient(name=[{"family": "\u3000"}]), "Patient.name[0].family"),
    ("string with a control character", patient(name=[{"family": "Oko\x07nkwo"}]), "Patient.name[0].family"),
    ("string of more than 1 MB", patient(name=[{"family": "x" * (2**20 + 1)}]), "Patient.name[0].family"),
    ("string as a number", patient(name=[{"family": 7}]), "Patient.name[0].family"),
    ("number in an array of strings", patient(name=[{"given": ["Ada", 7]}]), "Patient.name[0].given[1]"),
    ("code with a space before", patient(language=" en"), "Patient.language"),
    ("uri with a space", patient(identifier=[{"system": "http://a b"}]), "Patient.identifier[0].system"),
    (
        "uri that is no UUID",
        patient(identifier=[{"system": "urn:uuid:12345"}]),
        "Patient.identifier[0].system",
    ),
    ("uri that is no OID", patient(identifier=[{"system": "urn:oid:1.02"}]), "Patient.identifier[0].system"),
    ("canonical with a space", patient(meta={"profile": ["http://a b"]}), "Patient.meta.profile[0]"),
    ("base64 of other characters", patient(photo=[{**_PHOTO, "data": "!!!"}]), "Patient.photo[0].data"),
    ("base64 without its padding", patient(photo=[{**_PHOTO, "data": "aGVsbG8"}]), "Patient.photo[0].data"),
    (
        "value of an extension",
        patient(extension=[{"url": "http://example.org/age", "valueInteger": 1.5}]),
        "Patient.extension[0].valueInteger",
    ),
    (
        "value in the extension of a value",
        patient(_birthDate={"extension": [{"url": "http://example.org/x", "valueDate": "1974-2-1"}]}),
        "Patient.birthDate.extension[0].valueDate",
    ),
]

CODES: list[Broken] = [
    ("gender M", patient(gender="M"), "Patient.gender"),
    ("gender in capitals", patient(gender="Female"), "Patient.gender"),
    ("Observation.status done", observation(status="done"), "Observation.status"),
    ("telecom.system mobile", patient(telecom=[{"system": "mobile"}]), "Patient.telecom[0].system"),
    ("name.use primary", patient(name=[{"use": "primary"}]), "Patient.name[0].use"),
    ("criticality severe", allergy(criticality="severe"), "AllergyIntolerance.criticality"),
    ("category of an allergy", allergy(category=["food", "drink"]), "AllergyIntolerance.category[1]"),
    (
        "link.type same",
        patient(link=[{"other": {"reference": "Patient/2"}, "type": "same"}]),
        "Patient.link[0].type",
    ),
    (
        "narrative.status",
        patient(text={"status": "made", "div": f"<div {XHTML}>x</div>"}),
        "Patient.text.status",
    ),
    (
        "comparator",
        observation(valueQuantity={"value": 1, "comparator": "~"}),
        "Observation.valueQuantity.comparator",
    ),
    (
        "request method",
        bundle(type="batch", entry=[{"request": {"method": "GIVE", "url": "Patient"}}]),
        "Bundle.entry[0].request.method",
    ),
]

REFERENCES: list[Broken] = [
    ("another type", observation(subject={"reference": "Medication/1"}), "Observation.subject"),
    (
        "another type, with its version",
        observation(subject={"reference": "Medication/1/_history/2"}),
        "Observation.subject",
    ),
    (
        "another type, by a search",
        observation(subject={"reference": "Medication?code=x"}),
        "Observation.subject",
    ),
    ("a type that is not there", observation(subject={"reference": "Patientt/1"}), "Observation.subject"),
    (
        "a patient for a practitioner",
        patient(generalPractitioner=[{"reference": "Patient/2"}]),
        "Patient.generalPractitioner[0]",
    ),
    ("nothing contained", observation(subject={"reference": "#nobody"}), "Observation.subject"),
    (
        "contained of another type",
        observation(contained=[{"resourceType": "Medication", "id": "m"}], subject={"reference": "#m"}),
        "Observation.subject",
    ),
    (
        "contained in another entry",
        bundle(
            observation(
                contained=[{"resourceType": "Patient", "id": "p"}],
                subject={"reference": "#p"},
            ),
            condition(subject={"reference": "#p"}),
        ),
        "Bundle.entry[1].resource.subject",
    ),
]

BINDINGS: list[Broken] = [
    (
        "clinical status of no such code",
        condition(clinicalStatus=concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "over")),
        "Condition.clinicalStatus",
    ),
    (
        "clinical status of another system",
        condition(clinicalStatus=concept("http://example.org/status", "active")),
        "Condition.clinicalStatus",
    ),
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

_NESTED_EXTENSION = {"url": "http://example.org/part", "valueString": "x"}

INVARIANTS: list[Broken] = [
    ("pat-1", patient(contact=[{"gender": "female"}]), "Patient.contact[0]"),
    ("obs-3", observation(referenceRange=[{"age": {"low": {"value": 1}}}]), "Observation.referenceRange[0]"),
    ("obs-6", observation(dataAbsentReason={"text": "not done"}), "Observation.dataAbsentReason"),
    (
        "obs-7",
        observation(component=[{"code": concept("http://loinc.org", "29463-7"), "valueString": "x"}]),
        "Observation.component",
    ),
    ("per-1", encounter(period={"start": "2020-02-01", "end": "2020-01-01"}), "Encounter.period"),
    (
        "per-1 across time zones",
        encounter(period={"start": "2020-01-01T10:00:00Z", "end": "2020-01-01T11:00:00+02:00"}),
        "Encounter.period",
    ),
    (
        "per-1 of years",
        patient(name=[{"period": {"start": "2020", "end": "2019-12"}}]),
        "Patient.name[0].period",
    ),
    ("ext-1", patient(extension=[{"url": "http://example.org/x"}]), "Patient.extension[0]"),
    (
        "ext-1 with both",
        patient(
            extension=[{"url": "http://example.org/x", "valueString": "x", "extension": [_NESTED_EXTENSION]}]
        ),
        "Patient.extension[0]",
    ),
    ("qty-3", observation(valueQuantity={"value": 1, "code": "kg"}), "Observation.valueQuantity.system"),
    ("att-1", patient(photo=[{"data": "aGVsbG8="}]), "Patient.photo[0].contentType"),
    ("cpt-2", patient(telecom=[{"value": "555"}]), "Patient.telecom[0].system"),
    (
        "rat-1",
        observation(valueQuantity=MISSING, valueRatio={"numerator": {"value": 1}}),
        "Observation.valueRatio",
    ),
    (
        "rng-2",
        observation(valueQuantity=MISSING, valueRange={"low": {"value": 9}, "high": {"value": 1}}),
        "Observation.valueRange",
    ),
    (
        "tim-1",
        medication_request(dosageInstruction=[{"timing": {"repeat": {"duration": 2}}}]),
        "MedicationRequest.dosageInstruction[0].timing.repeat.durationUnit",
    ),
    (
        "tim-5",
        medication_request(dosageInstruction=[{"timing": {"repeat": {"period": -1, "periodUnit": "d"}}}]),
        "MedicationRequest.dosageInstruction[0].timing.repeat.period",
    ),
    (
        "dom-2",
        observation(
            subject={"reference": "#p"},
            contained=[
                {
                    "resourceType": "Patient",
                    "id": "p",
                    "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}],
                    "extension": [{"url": "http://example.org/o", "valueUri": "#o"}],
                }
            ],
        ),
        "Observation.contained",
    ),
    ("dom-3", observation(contained=[{"resourceType": "Patient", "id": "p"}]), "Observation.contained"),
    (
        "dom-4",
        observation(
            subject={"reference": "#p"},
            contained=[{"resourceType": "Patient", "id": "p", "meta": {"versionId": "1"}}],
        ),
        "Observation.contained",
    ),
    (
        "dom-5",
        observation(
            subject={"reference": "#p"},
            contained=[{"resourceType": "Patient", "id": "p", "meta": {"security": [{"code": "R"}]}}],
        ),
        "Observation.contained",
    ),
    ("ait-1", allergy(clinicalStatus=MISSING), "AllergyIntolerance.clinicalStatus"),
    (
        "ait-2",
        allergy(verificationStatus=concept(_ALLERGY_VERIFICATION, "entered-in-error")),
        "AllergyIntolerance.clinicalStatus",
    ),
    ("con-4", condition(abatementDateTime="2020"), "Condition.clinicalStatus"),
    (
        "con-5",
        condition(verificationStatus=concept(_CONDITION_VERIFICATION, "entered-in-error")),
        "Condition.clinicalStatus",
    ),
    ("org-1", {"resourceType": "Organization", "active": True}, "Organization"),
    (
        "org-2",
        {"resourceType": "Organization", "name": "x", "address": [{"use": "home", "text": "y"}]},
        "Organization.address",
    ),
    ("bdl-1", bundle(patient(), total=1), "Bundle.total"),
    ("bdl-2", bundle(entry=[{"resource": patient(), "search": {"mode": "match"}}]), "Bundle.entry"),
    ("bdl-3", bundle(patient(), type="transaction"), "Bundle.entry"),
    ("bdl-4", bundle(entry=[{"resource": patient(), "response": {"status": "200"}}]), "Bundle.entry"),
    ("bdl-5", bundle(entry=[{"fullUrl": "http://example.org/Patient/1"}]), "Bundle.entry[0]"),
    (
        "bdl-7",
        bundle(entry=[{"fullUrl": "http://example.org/Patient/1", "resource": patient()}] * 2),
        "Bundle.entry",
    ),
    (
        "bdl-8",
        bundle(entry=[{"fullUrl": "http://example.org/Patient/1/_history/2", "resource": patient()}]),
        "Bundle.entry[0].fullUrl",
    ),
    (
        "bdl-11",
        bundle(
            patient(),
            type="document",
            timestamp="2020-01-01T10:00:00Z",
            identifier={"system": "http://example.org", "value": "1"},
        ),
        "Bundle.entry",
    ),
    ("bdl-12", bundle(patient(), type="message"), "Bundle.entry"),
]

_DIV = "Patient.text.div"

NARRATIVES: list[Broken] = [
    ("script", patient(text=narrative("<script>alert(1)</script>")), _DIV),
    ("event attribute", patient(text=narrative('<b onclick="alert(1)">x</b>')), _DIV),
    ("form", patient(text=narrative('<form action="/"><p>x</p></form>')), _DIV),
    ("frame", patient(text=narrative('<iframe src="https://example.org"/>')), _DIV),
    ("link that runs", patient(text=narrative('<a href="javascript:alert(1)">x</a>')), _DIV),
    ("link that runs, disguised", patient(text=narrative('<a href=" java&#10;script:alert(1)">x</a>')), _DIV),
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

STRUCTURE = MEMBERS + REQUIRED + VALUES + CODES + INNER_RESOURCES + NARRATIVES
CONTENT = REFERENCES + BINDINGS + INVARIANTS
