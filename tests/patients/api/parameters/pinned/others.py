"""https://hl7.org/fhir/R4/search.html: #uri, #composite, #all, #special, #sort, #summary"""

_FHIR_URLS = "v123 v1234 vcase vroot vhist"
_KEY = "code=urn:kind|label"

URIS = (
    ("ValueSet?url=http://acme.org/fhir/ValueSet/123", "v123", "the whole URI"),
    ("ValueSet?url=http://acme.org/fhir/valueset/123", "vcase", "case sensitive"),
    ("ValueSet?url=http://acme.org/fhir/ValueSet/12", "", "not its beginning"),
    ("ValueSet?url=http://acme.org/fhir/ValueSet/123,urn:oid:1.2.3.4.5", "v123 void", "OR"),
    ("ValueSet?url=urn:oid:1.2.3.4.5", "void", "a URN"),
    ("ValueSet?url:below=http://acme.org/fhir/", "v123 v1234 vcase vhist", "what starts so"),
    ("ValueSet?url:below=http://acme.org/fhir", _FHIR_URLS, "and itself"),
    ("ValueSet?url:below=http://acme.org/fhir/ValueSet/123", "v123 vhist", "by parts of the path"),
    (
        "ValueSet?url:above=http://acme.org/fhir/ValueSet/123/_history/5",
        "v123 vroot vhist",
        "what it starts with",
    ),
    ("ValueSet?url:above=http://acme.org/fhir/ValueSet/1234", "v1234 vroot", "by parts of the path"),
    ("ValueSet?url:below=urn:oid:1.2.3", "", "only of URLs, not of URNs"),
    ("ValueSet?url:above=urn:oid:1.2.3.4.5.6", "", "only of URLs, not of URNs"),
    ("ValueSet?url:missing=true", "", "all have one"),
)

_PANEL = "component-code-value-quantity=http://loinc.org"

COMPOSITES = (
    (
        "Observation?code-value-quantity=http://loinc.org|2823-3$gt5.4|http://unitsofmeasure.org|mmol/L",
        "potassium",
        "code and value",
    ),
    ("Observation?code-value-quantity=2823-3$3.1", "pot-low", "without systems"),
    ("Observation?code-value-quantity=2951-2$6.2", "", "one's code, another's value"),
    ("Observation?code-value-quantity=2823-3$gt5.4,2951-2$140", "potassium sodium", "OR of pairs"),
    ("Observation?code-value-concept=883-9$urn:abo|A", "blood", "of a concept"),
    ("Observation?code-value-concept=883-9$B", "", "another concept"),
    (f"Observation?{_PANEL}|8480-6$gt150", "bp-high", "systolic above 150: of the same component"),
    (f"Observation?{_PANEL}|8462-4$gt150", "bp-odd", "diastolic above 150: not the systolic's value"),
    (f"Observation?{_PANEL}|8480-6$lt120", "bp-low bp-odd", "systolic below 120"),
    (f"Observation?{_PANEL}|8480-6$gt100&{_PANEL}|8462-4$lt80", "bp-high bp-low", "AND of two pairs"),
    (
        "Observation?component-code=8480-6&component-value-quantity=gt150",
        "bp-high bp-odd",
        "apart, they are of any component",
    ),
    ("Observation?combo-code=8480-6", "bp-high bp-low bp-odd", "combo: the component's code"),
    ("Observation?combo-code-value-quantity=2823-3$6.2", "potassium", "combo: of the observation"),
    ("Observation?combo-code-value-quantity=8462-4$65", "bp-low", "combo: of a component"),
    ("Observation?combo-value-quantity=160||mm[Hg]", "bp-high bp-odd", "combo: any value"),
    ("Group?characteristic-value=gender$mixed", "mixed", "R4's own example: of one characteristic"),
    ("Group?characteristic-value=owner$mixed", "crossed", "and of the other"),
    ("Group?characteristic-value=gender$mixed,owner$mixed", "mixed crossed", "OR of pairs"),
    ("Group?characteristic-value=gender$mixed&characteristic-value=owner$acme", "mixed", "AND of pairs"),
    ("Group?characteristic=gender&value=mixed", "mixed crossed", "apart, they are of any characteristic"),
    ("Group?characteristic-value=urn:trait|gender$urn:trait|mixed", "mixed", "with systems"),
)

OF_ALL = (
    ("Patient?_id=pin.eve", "eve", "the logical id"),
    ("Patient?_id=pin.eve,pin.sam", "eve sam", "either id"),
    ("Patient?_id=PIN.EVE", "", "always case sensitive"),
    ("Patient?_id=pin.nobody", "", "an id of none"),
    ("Group?_id=pin.ruth", "ruth", "of this type"),
    ("Patient?_id=pin.eve&_lastUpdated=gt2000-01-01", "eve", "changed since"),
    ("Patient?_id=pin.eve&_lastUpdated=lt2000-01-01", "", "not before"),
    ("Basic?_tag=urn:colour|red", "labelled half", "a tag"),
    ("Basic?_tag=urn:colour|red&_tag=urn:colour|blue", "labelled", "both tags"),
    ("Basic?_tag=urn:colour|blue,urn:colour|red", "labelled half", "either tag"),
    (f"Basic?{_KEY}&_tag:not=urn:colour|red", "unlabelled", "without the tag, whatever other tags there are"),
    ("Basic?_tag=urn:colour|", "labelled half", "any tag of the system"),
    ("Basic?_profile=http://example.org/p/one", "labelled", "a profile"),
    ("Basic?_profile=http://example.org/p/three", "", "no such profile"),
    ("Basic?_security=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R", "labelled", "a label"),
    ("Basic?_security=R", "labelled", "the code of a label"),
    (f"Basic?{_KEY}&_security:missing=true", "half unlabelled", "no label"),
    ("Basic?_source=http://example.org/source#1", "labelled", "where it came from"),
    ("Patient?_list=pin.watched", "ruth", "what is in the List, of this type"),
    ("Patient?_list=pin.watched&gender=female", "ruth", "with other criteria"),
    ("Patient?_list=pin.watched&gender=male", "", "with other criteria"),
    ("Observation?_list=pin.watched", "of-sam", "what is in the List, of that type"),
    ("Observation?_list=pin.nobody", "", "no such List"),
    ("Condition?_text=metastases", "uncoded", "a word of the narrative"),
    ("Condition?_text=BONE metastases", "uncoded", "several words, without case"),
    ("Condition?_text=liver", "", "none of its words"),
    ("Condition?_text=headache", "", "of the narrative only"),
    ("Condition?_content=headache", "ha-acme words", "of all that is written in the resource"),
    ("Condition?_content=metastases", "uncoded", "the narrative too"),
    ("?_type=Patient,Group&_id=pin.ruth", "ruth ruth", "of both types"),
    ("?_type=Encounter,Provenance&_lastUpdated=gt2000", "e1 prov", "what all types have"),
    ("?_type=Basic,List&_tag=urn:colour|blue", "labelled", "a tag in several types"),
)

ORDERS = (
    (
        "Observation?code=urn:kind|link&patient=pin.ruth&_sort=value-date",
        "of-ruth of-version of-url in-e1",
        "the oldest first",
    ),
    (
        "Observation?code=urn:kind|link&patient=pin.ruth&_sort=-value-date",
        "in-e1 of-url of-version of-ruth",
        "the newest first",
    ),
    ("Patient?name=peter&_sort=birthdate", "peter both", "the month starts before its 25th"),
    ("Patient?name=peter&_sort=-birthdate", "both peter", "descending"),
    (
        "Patient?gender=male,female&family:missing=false&_sort=family",
        "both peter ruth sam",
        "by the first name of each",
    ),
    ("ValueSet?url:below=http://acme.org/fhir&_sort=-title", "vroot vhist vcase v1234 v123", "by a string"),
    (
        "ChargeItem?factor-override=gt99&_sort=-factor-override&_count=1000",
        "n100.5 n100.4 n100.005 n100 n99.995 n99.99 n99.5 n99.4",
        "by a number",
    ),
    ("Observation?value-quantity=ge5.4||g&_sort=value-quantity", "gram", "of one"),
    (
        "Observation?code=urn:kind|link&value-date=le2020-01-02&_sort=performer,-value-date",
        "of-sam of-ruth",
        "equal keys, then the next key",
    ),
)

# How what has no value is sorted R4 leaves open: here it comes last, either way.
ORDERS_WITH_GAPS = (
    ("Observation?_id=pin.undated,pin.far,pin.t10&_sort=date", "t10 far undated", "none comes last"),
    ("Observation?_id=pin.undated,pin.far,pin.t10&_sort=-date", "far t10 undated", "also the other way"),
    ("Patient?_id=pin.ruth,pin.both,pin.peter&_sort=birthdate", "peter both ruth", "none comes last"),
    ("Patient?_id=pin.ruth,pin.both,pin.peter&_sort=-birthdate", "both peter ruth", "also the other way"),
    (
        "Observation?code=urn:kind|spread&_sort=component-value-quantity",
        "wide narrow",
        "of several values the first in this order: 1 before 5",
    ),
    (
        "Observation?code=urn:kind|spread&_sort=-component-value-quantity",
        "wide narrow",
        "of several values the first in this order: 10 before 6",
    ),
    ("Patient?_id=pin.sam,pin.ann,pin.eve&_sort=_id", "ann eve sam", "by the id"),
    ("Patient?_id=pin.sam,pin.ann,pin.eve&_sort=-_id", "sam eve ann", "by the id, descending"),
)

REFUSED = (
    (r"Patient?family=xx\xx", "#escaping: the value xx\\xx is illegal"),
    ("Patient?nmae=x", "#errors: an unknown parameter"),
    ("Patient?gender:contains=x", "#modifiers: a server SHALL reject those it does not support"),
    ("Patient?birthdate:exact=1974", "#modifiers: not of dates"),
    ("Observation?code-value-quantity:not=2823-3$3.1", "#composite: modifiers are not used"),
    ("Observation?date=2013-13", "#date: no such month"),
    ("Observation?date=2013-01-14T10", "#date: the minutes SHALL be present if an hour is"),
    ("Observation?date=01-14", "#date: populated from the left"),
    ("ChargeItem?factor-override=many", "#number: no number"),
    ("ChargeItem?factor-override=xx100", "#prefix: no such prefix"),
    ("Organization?identifier:of-type=MR|446053", "#token: all 3 parts must be present"),
    ("Patient?active=maybe", "#token: no boolean"),
    ("Observation?subject:Patient.foo=x", "#chaining: the target has no such parameter"),
    ("Patient?_has:Observation:patient=x", "#has: without a parameter"),
    ("Patient?_has:Observation:code:status=final", "#has: not a reference"),
    ("Patient?gender:missing=perhaps", "#modifiers: true or false"),
    ("Observation?_include=Observation:status", "#include: SHALL be of type reference"),
)

COUNTS = (
    ("Condition?code=ha125&_summary=count", 4, "only how many"),
    ("Condition?code=ha125&_count=0", 4, "_count=0 is the same"),
    ("Condition?code=ha125&_count=1&_total=accurate", 4, "of all pages"),
    ("Patient?gender=male,female&_total=accurate", 5, "each once"),
    ("Patient?gender=unknown&_summary=count", 0, "none"),
    (
        "Observation?encounter=pin.e1&_include=Observation:patient&_total=accurate",
        1,
        "matches, not what is included",
    ),
)
