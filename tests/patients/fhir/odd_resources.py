"""Resources that look odd, and that R4 allows: what is odd, and the resource."""

from tests.patients.fhir.resources import (
    MISSING,
    UNKNOWN,
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


def _named(**name: object) -> Value:
    return patient(name=[name])


_NAMES: list[tuple[str, Value]] = [
    ("Chinese name", _named(text="山田 太郎", family="山田", given=["太郎"])),
    ("ideographic space in a name", _named(text="山田\u3000太郎")),
    ("ideographic space after a name", _named(family="山田\u3000")),
    ("no-break space in a name", _named(family="van\u00a0Dyk")),
    ("Arabic name", _named(family="\u0627\u0644\u0632\u0647\u0631\u0627\u0621", given=["فاطمة"])),
    ("Hebrew name with vowels", _named(family="כֹּהֵן", given=["מֹשֶׁה"])),
    ("Devanagari name", _named(family="शर्मा", given=["प्रिया"])),
    ("Thai name", _named(family="สุขใจ", given=["สมชาย"])),
    ("Georgian name", _named(family="ბერიძე", given=["ნინო"])),
    ("Cyrillic name", _named(family="Ковальчук", given=["Олена", "Іванівна"])),
    ("accents as letters of their own", _named(family="Nguye\u0302\u0303n", given=["Thi\u0323"])),
    ("name beyond the first plane", _named(family="𠮷野", given=["\U0001d49cda"])),
    ("joiners in a name", _named(family="\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", given=["क्\u200dष"])),
    ("direction marks in a name", _named(text="\u202b\u0641\u0627\u0637\u0645\u0629\u202c")),
    ("apostrophes and hyphens", _named(family="O’Brien-d'Aubigné", given=["Jean--Luc"])),
    ("name of one letter", _named(family="O")),
    ("name of digits", _named(family="Patricio639", given=["007"])),
    ("name with line feeds and tabs", _named(text="Ada\n\tOkonkwo\r\n")),
    ("name of 10,000 characters", _named(family="x" * 10_000)),
    ("name with an emoji", _named(text="Ada 👩🏾\u200d⚕️")),
    ("name of use only", _named(use="anonymous")),
    ("masked given name", _named(given=["Ada", None], _given=[None, UNKNOWN])),
    ("given names as extensions only", _named(_given=[UNKNOWN, UNKNOWN])),
    ("given name with an extension", _named(given=["Ada"], _given=[UNKNOWN])),
    ("given name with an id", _named(given=["Ada"], _given=[{"id": "g1"} | UNKNOWN])),
    ("name with a period that is open", _named(family="Okonkwo", period={"start": "2001"})),
]

_DATES: list[tuple[str, Value]] = [
    ("birth year", patient(birthDate="1974")),
    ("birth month", patient(birthDate="1974-12")),
    ("leap day", patient(birthDate="2000-02-29")),
    ("year 0001", patient(birthDate="0001-01-01")),
    ("year 9999", patient(birthDate="9999-12-31")),
    ("birth date unknown", patient(birthDate=MISSING, _birthDate=UNKNOWN)),
    (
        "birth date with the time of birth",
        patient(
            _birthDate={
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
                        "valueDateTime": "1974-12-25T14:35:45-05:00",
                    }
                ]
            }
        ),
    ),
    ("deceased at a moment", patient(deceasedDateTime="2015-02-14T13:42:00+10:00")),
    ("deceased in a year", patient(deceasedDateTime="2015")),
    ("not deceased", patient(deceasedBoolean=False)),
    ("fraction of 14 digits", observation(effectiveDateTime="2020-01-01T10:00:00.12345678901234Z")),
    ("fraction of 9 digits", observation(issued="2020-01-01T10:00:00.123456789+02:00")),
    ("zone of 14 hours", observation(effectiveDateTime="2020-01-01T00:30:00+14:00")),
    ("zone of minus zero", observation(effectiveDateTime="2020-01-01T00:30:00-00:00")),
    ("month of an observation", observation(effectiveDateTime="2020-01")),
    ("period of one moment", encounter(period={"start": "2020-01-01", "end": "2020-01-01"})),
    ("period in a year", encounter(period={"start": "2020-05-01", "end": "2020"})),
    (
        "period in order only with its zones",
        encounter(period={"start": "2020-01-01T10:00:00+02:00", "end": "2020-01-01T09:00:00Z"}),
    ),
    ("period that is open", encounter(period={"end": "2020-01-01"})),
]

_VALUES: list[tuple[str, Value]] = [
    ("Patient with nothing", {"resourceType": "Patient"}),
    ("id of 64 characters", patient(id="A-b." * 16)),
    ("id of a hyphen", patient(id="-")),
    ("id of two dots", patient(id="..")),
    ("status as an extension", observation(status=MISSING, _status=UNKNOWN)),
    ("whole number for a decimal", observation(valueQuantity={"value": 72})),
    ("negative number", observation(valueQuantity={"value": -0.5})),
    (
        "id within as an extension",
        {
            "resourceType": "ImagingStudy",
            "status": "available",
            "subject": {"display": "x"},
            "series": [{"_uid": UNKNOWN, "modality": {"code": "CT"}}],
        },
    ),
    ("value as an extension", observation(valueQuantity=MISSING, _valueString=UNKNOWN)),
    ("quantity without a value", observation(valueQuantity={"unit": "kg"})),
    ("time of day with a fraction", observation(valueQuantity=MISSING, valueTime="23:59:59.999")),
    ("no value at all", observation(valueQuantity=MISSING, dataAbsentReason={"text": "refused"})),
    ("largest integer", patient(multipleBirthInteger=2**31 - 1)),
    ("third of a birth", patient(multipleBirthInteger=3)),
    ("base64 with line feeds", patient(photo=[{"contentType": "image/png", "data": "aGVs\nbG8=\n"}])),
    ("UUID in capitals", patient(identifier=[{"system": "urn:uuid:68D043B5-9ECF-4559-A57A-396E0D452311"}])),
    ("uri of letters beyond ASCII", patient(identifier=[{"system": "http://例え.jp/病院"}])),
    ("code with single spaces", patient(communication=[{"language": {"coding": [{"code": "a b c"}]}}])),
    ("status from two code systems", condition(code={"coding": [{"code": "1"}, {"code": "2"}]})),
    (
        "verification beside codes of its own",
        condition(
            verificationStatus={
                "coding": [
                    {"system": "http://example.org/local", "code": "sure"},
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
                        "code": "confirmed",
                    },
                ]
            }
        ),
    ),
    ("clinical status in words only", condition(clinicalStatus={"text": "active"})),
    (
        "allergy entered in error",
        allergy(
            clinicalStatus=MISSING,
            verificationStatus=concept(
                "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "entered-in-error"
            ),
        ),
    ),
    ("allergy without any status", allergy(clinicalStatus=MISSING)),
    (
        "extension of extensions",
        patient(extension=[{"url": "a", "extension": [{"url": "b", "valueCode": "c"}]}]),
    ),
    ("extension whose value is an extension", patient(extension=[{"url": "a", "_valueString": UNKNOWN}])),
    ("object of an extension only", patient(maritalStatus=UNKNOWN)),
    (
        "dose of a tablet every other day",
        medication_request(
            dosageInstruction=[{"timing": {"repeat": {"frequency": 1, "period": 2, "periodUnit": "d"}}}]
        ),
    ),
    (
        "medication as a reference",
        medication_request(medicationCodeableConcept=MISSING, medicationReference={"display": "x"}),
    ),
]

_REFERENCES: list[tuple[str, Value]] = [
    ("reference elsewhere", observation(subject={"reference": "https://example.org/fhir/Patient/1"})),
    (
        "reference to a bundle's entry",
        observation(subject={"reference": "urn:uuid:68d043b5-9ecf-4559-a57a-396e0d452311"}),
    ),
    ("reference to a version", observation(subject={"reference": "Patient/1/_history/3"})),
    ("reference by a search", observation(subject={"reference": "Patient?identifier=http://a|1"})),
    ("reference by identifier", observation(subject={"identifier": {"value": "12345"}})),
    ("reference by display", observation(subject={"display": "the twin"})),
    (
        "reference to what is contained",
        observation(contained=[{"resourceType": "Patient", "id": "p"}], subject={"reference": "#p"}),
    ),
    (
        "contained that refers to its container",
        patient(
            contained=[
                {
                    "resourceType": "Observation",
                    "id": "o",
                    "status": "final",
                    "code": {"text": "x"},
                    "subject": {"reference": "#"},
                }
            ]
        ),
    ),
    (
        "contained of the same id in two entries",
        bundle(
            *[observation(contained=[{"resourceType": "Patient", "id": "p"}], subject={"reference": "#p"})]
            * 2
        ),
    ),
    ("bundle without entries", bundle(entry=MISSING)),
    (
        "bundle that deletes",
        bundle(type="batch", entry=[{"request": {"method": "DELETE", "url": "Patient/1"}}]),
    ),
]

_NARRATIVES: list[tuple[str, Value]] = [
    ("narrative with a table", patient(text=narrative('<table class="grid"><tr><td>a</td></tr></table>'))),
    ("narrative with entities", patient(text=narrative("a&nbsp;&eacute;&#160;&amp;&lt;"))),
    ("narrative of an entity", patient(text=narrative("&eacute;"))),
    ("narrative with a link", patient(text=narrative('<a href="Patient/1">a</a><a name="b">b</a>'))),
    ("narrative of an image", patient(text=narrative('<img src="data:image/png;base64,aGk=" alt="x"/>'))),
    ("narrative with a comment", patient(text=narrative("<!-- x --><p style='color: red'>a</p>"))),
]

ODD_BUT_VALID = _NAMES + _DATES + _VALUES + _REFERENCES + _NARRATIVES
