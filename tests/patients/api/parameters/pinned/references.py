"""https://hl7.org/fhir/R4/search.html#reference, #chaining, #has and #include"""

_RUTH = "of-ruth of-version of-url in-e1"
_LINKS = "of-ruth of-sam of-group of-version of-url of-elsewhere of-urn of-number of-nobody in-e1"
_LINK = "code=urn:kind|link"

REFERENCES = (
    (
        "Observation?subject=Patient/pin.ruth",
        _RUTH,
        "type and id, whichever version; its absolute URL resolves to the same",
    ),
    ("Observation?subject=http://testserver/fhir/Patient/pin.ruth", _RUTH, "the absolute URL, vice versa"),
    ("Observation?subject=http://testserver/fhir/Group/pin.ruth", "of-group", "of another type"),
    ("Observation?subject=http://testserver.example/fhir/Patient/pin.ruth", "", "another server"),
    ("Observation?subject:Patient=pin.ruth", _RUTH, "the same with the type as a modifier"),
    ("Observation?patient=pin.ruth", _RUTH, "patient refers to Patients only"),
    ("Observation?patient=Patient/pin.ruth", _RUTH, "the same with its type"),
    ("Observation?subject=pin.sam", "of-sam", "an id that one type has"),
    ("Observation?subject=Group/pin.ruth", "of-group", "of another type"),
    ("Observation?subject:Group=pin.ruth", "of-group", "of another type"),
    ("Observation?patient=Patient/pin.sam", "of-sam", "another Patient"),
    ("Observation?subject=Patient/pin.ruth,Group/pin.ruth", f"{_RUTH} of-group", "OR"),
    ("Observation?subject=Patient/pin.ruth&subject=Patient/pin.sam", "", "one subject is not two"),
    (
        "Observation?subject=http://elsewhere.example/fhir/Patient/pin.ruth",
        "of-elsewhere",
        "what is elsewhere is another",
    ),
    ("Observation?subject=http://other.example/fhir/Patient/pin.ruth", "", "and not at any server"),
    ("Observation?subject=urn:uuid:6e3a8d6e-0f5a-4d5c-9a3b-0c5b1c0f0a11", "of-urn", "a URN"),
    ("Observation?subject:identifier=urn:mrn|12345", "of-number", "the identifier in the reference"),
    ("Observation?subject:identifier=12345", "of-number", "as a token, without its system"),
    ("Observation?subject:identifier=urn:other|12345", "", "as a token, with another system"),
    (f"Observation?{_LINK}&subject:missing=true", "of-nobody", "no subject"),
    (f"Observation?{_LINK}&subject:missing=false", _LINKS.replace(" of-nobody", ""), "any subject"),
    ("Observation?encounter=pin.e1", "in-e1", "an encounter"),
    ("Observation?performer=Practitioner/pin.doc", "of-ruth of-sam", "a performer"),
    ("Provenance?target=Observation/pin.of-sam", "prov", "one of several targets"),
    ("Provenance?target=Patient/pin.of-sam", "", "the id of another type"),
)

CHAINS = (
    (f"Observation?{_LINK}&subject:Patient.name=ruth", _RUTH, "the name of the Patient"),
    (f"Observation?{_LINK}&patient.name=ruth", _RUTH, "the same through patient"),
    (f"Observation?{_LINK}&patient.gender=male", "of-sam", "a token at the end"),
    (f"Observation?{_LINK}&patient.gender:not=male", _RUTH, "those whose patient is not male"),
    (f"Observation?{_LINK}&subject:Group.code=ward", "of-group", "the code of the Group"),
    (f"Observation?{_LINK}&patient.name=ruth&patient.gender=male", "", "both asked of one subject"),
    (f"Observation?{_LINK}&patient.organization.name=north", _RUTH, "a chain of two"),
    (f"Observation?{_LINK}&patient.organization.partof.name=north", "of-sam", "a chain of three"),
    ("Observation?performer:Practitioner.identifier=urn:doc|7", "of-ruth of-sam", "by identifier"),
    ("Patient?organization.name=south", "sam", "the organization's name"),
    ("Patient?organization.name:exact=North Clinic", "ruth", "with a modifier at the end"),
    ("Patient?organization.name=north,south", "ruth sam", "OR at the end"),
    ("Patient?_has:Observation:patient:code=urn:kind|link", "ruth sam", "whom an Observation is about"),
    ("Patient?_has:Observation:patient:code=urn:kind|none", "", "whom none is about"),
    ("Patient?_has:Observation:patient:encounter:missing=false", "ruth", "one in an encounter"),
    ("Patient?_has:Observation:patient:code=link&gender=male", "sam", "and a criterion of its own"),
    ("Patient?_has:Observation:subject:performer=pin.doc", "ruth sam", "through another parameter"),
    ("Patient?_has:Observation:patient:_has:Provenance:target:agent=pin.doc", "ruth sam", "nested"),
    ("Patient?_has:Observation:patient:code=urn:kind|link,urn:kind|none", "ruth sam", "OR"),
    (
        "Patient?_has:Observation:patient:encounter=pin.e1&_has:Observation:patient:performer=pin.doc",
        "ruth",
        "each by itself: two Observations of one Patient",
    ),
    (
        "Patient?general-practitioner:Practitioner.name=joe"
        "&general-practitioner:Practitioner.address-state=mn",
        "cared",
        "chains are evaluated separately: Joe from CA and Jane from MN",
    ),
    (
        "DiagnosticReport?result.code-value-quantity=http://loinc.org|2823-3$gt5.4|http://unitsofmeasure.org|mmol/L",
        "report",
        "a composite at the end of a chain",
    ),
    ("DiagnosticReport?result.code-value-quantity=2823-3$140", "", "of one result, not of two"),
    ("Organization?_has:Patient:organization:gender=female", "north", "of Patients"),
    ("Patient?_has:Observation:patient:value-date=ge2020-01-20", "ruth", "with a date"),
)

INCLUDES = (
    ("Observation?encounter=pin.e1&_include=Observation:encounter", "in-e1 + e1", "the encounter"),
    ("Observation?encounter=pin.e1&_include=Observation:patient", "in-e1 + ruth", "the patient"),
    ("Observation?encounter=pin.e1&_include=Observation:subject:Group", "in-e1", "only a Group"),
    (
        "Observation?encounter=pin.e1&_include=Observation:patient&_include=Observation:encounter",
        "in-e1 + e1 ruth",
        "both",
    ),
    ("Observation?encounter=pin.e1&_include=*", "in-e1 + e1 ruth", "all references"),
    (
        "Observation?encounter=pin.e1&_include=Observation:patient&_include:iterate=Patient:organization",
        "in-e1 + ruth north",
        "of what is included",
    ),
    ("Patient?_id=pin.sam&_revinclude=Observation:patient", "sam + of-sam", "what refers to it"),
    ("Observation?patient=pin.sam&_revinclude=Provenance:target", "of-sam + prov", "what refers to it"),
    (
        "Organization?_id=pin.south&_include=Organization:partof&_revinclude=Patient:organization",
        "south + north sam",
        "both ways",
    ),
    ("Patient?name=ruth&_include=Patient:organization", "ruth + north", "once, however many refer to it"),
)

COMPARTMENTS = (
    ("Patient/pin.ruth/Observation?", _RUTH, "what is about the Patient"),
    ("Patient/pin.ruth/Observation?encounter=pin.e1", "in-e1", "and meets criteria"),
    ("Patient/pin.ruth/Observation?subject:missing=false&value-date=2020-01-05", "of-url", "by its URL too"),
    ("Patient/pin.ruth/Encounter?", "e1", "of another type"),
    ("Patient/pin.sam/Observation?", "of-sam", "of another Patient"),
    ("Patient/pin.sam/Encounter?", "", "nothing"),
    ("Patient/pin.eve/Condition?code=ha125", "ha-acme ha-other ha-bare two", "with a code"),
)
