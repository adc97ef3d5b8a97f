import pytest

from patients.fhir.outcomes import InvalidJson, InvalidResource
from patients.fhir.resource import RESOURCE_TYPES, from_value, parse

NUMBERS = [
    "72.50",
    "1.0E2",
    "0.000001",
    "1e-7",
    "-0",
    "-0.0",
    "0.00",
    "0E+3",
    "100",
    "1E64",
    "1e-64",
    "0." + "123456789012345678901234567890123456789012345678901234567890",
    "1234567890" * 6 + "1234",
    "-" + "9" * 64,
]


BEYOND_LIMITS = "has more than 64 significant digits or an exponent beyond ±64."


def stored(resource):
    return "2026-01-02T03:04:05.678Z".join(resource.stored_text(id="7", version_id=3))


def patient(members):
    return f'{{"resourceType":"Patient",{members}}}'


STORED = '{"resourceType":"Patient","id":"7","meta":{"versionId":"3","lastUpdated":"2026-01-02T03:04:05.678Z"'


class TestStoredText:
    def test_begins_with_type_id_and_meta(self):
        text = '{"active":true,"id":"x","resourceType":"Patient"}'

        assert stored(parse(text)) == STORED + '},"active":true}'

    def test_puts_the_servers_version_and_time_in_place_of_the_clients(self):
        meta = (
            '"meta":{"tag":[{"code":"t"}],"versionId":"9","lastUpdated":"2001-01-01T00:00:00Z","source":"a"}'
        )

        assert stored(parse(patient(meta))) == STORED + ',"tag":[{"code":"t"}],"source":"a"}}'

    def test_keeps_members_in_their_order(self):
        members = '"gender":"male","birthDate":"1974","active":false,"_birthDate":{"id":"b"}'

        assert stored(parse(patient(members))) == STORED + "}," + members + "}"

    def test_drops_whitespace_between_tokens_only(self):
        text = (
            ' {\n\t"resourceType" : "Patient" ,\r\n "name" : [ { "text" : "a  b\\n \\" c :  d" } , { } ] } \n'
        )

        assert stored(parse(text)) == STORED + '},"name":[{"text":"a  b\\n \\" c :  d"},{}]}'

    @pytest.mark.parametrize("number", NUMBERS)
    def test_keeps_numbers_as_written(self, number):
        members = f'"extension":[{{"url":"http://example.org/x","valueDecimal":{number}}}]'
        resource = parse(patient(members))

        assert stored(resource) == STORED + "}," + members + "}"
        assert stored(from_value(resource.value)) == STORED + "}," + members + "}"

    @pytest.mark.parametrize(
        "written",
        [
            "é",
            "\\u00e9",
            "\\u00E9\\/\\/",
            "\\ud83d\\ude00",
            "😀",
            "e\u0301",
            "\u2028\u2029\u0085",
            "\ufeff",
            "\ufffe\uffff\U0010ffff",
            "".join(chr(plane * 0x10000 + 0x1234) for plane in range(17)),
            "\x7f",
            '\\"\\\\\\b\\f\\n\\r\\t',
            "\\\\u0000",
        ],
    )
    def test_keeps_strings_as_written(self, written):
        members = f'"implicitRules":"{written}"'

        assert stored(parse(patient(members))) == STORED + "}," + members + "}"

    def test_keeps_names_of_members_as_written(self):
        assert stored(parse(patient('"\\u0061ctive":true'))) == STORED + '},"\\u0061ctive":true}'

    def test_knows_meta_by_whatever_spelling(self):
        assert stored(parse(patient('"m\\u0065ta" : {"versionId":"9"}'))) == STORED + "}}"

    def test_of_an_entry_keeps_what_the_strings_say(self):
        value = parse(patient('"name":[{"text":"\\u00e9\\"\\\\\\n 山田"}]')).value

        assert stored(from_value(value)) == STORED + '},"name":[{"text":"é\\"\\\\\\n 山田"}]}'


class TestParse:
    def test_gives_type_id_and_value(self):
        resource = parse(b'{"resourceType":"Patient","id":"p-1","active":true}')

        assert (resource.resource_type, resource.id) == ("Patient", "p-1")
        assert resource.value == {"resourceType": "Patient", "id": "p-1", "active": True}

    def test_needs_no_id(self):
        assert parse('{"resourceType":"Patient"}').id is None

    def test_ignores_a_byte_order_mark(self):
        assert parse(b'\xef\xbb\xbf{"resourceType":"Patient"}').value == {"resourceType": "Patient"}

    def test_knows_all_146_types(self):
        assert len(RESOURCE_TYPES) == 146
        assert {"Patient", "Observation", "VisionPrescription", "Account"} < RESOURCE_TYPES
        assert not {"Resource", "DomainResource", "Element"} & RESOURCE_TYPES

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            (b"", "The body is not JSON: expecting value at line 1, column 1."),
            (b"<Patient/>", "The body is not JSON: expecting value at line 1, column 1."),
            (
                b'{\n  "resourceType": "Patient"\n  "id": "1"\n}',
                "The body is not JSON: expecting ',' delimiter at line 3, column 3.",
            ),
            (b'{"resourceType":"Patient"} {}', "The body is not JSON: extra data at line 1, column 28."),
            (b'{"a":01}', "The body is not JSON: expecting ',' delimiter at line 1, column 7."),
            (b'{"a":"\x01"}', "The body is not JSON: invalid control character at line 1, column 7."),
            (b'{"a":"\\x"}', "The body is not JSON: invalid \\escape at line 1, column 7."),
            (b'[{"resourceType":"Patient"}]', "The body must be one JSON object."),
            (b'"Patient"', "The body must be one JSON object."),
            (b'{"a":"\xff"}', "The body is not UTF-8: byte 0xFF at position 6."),
            (b'{"a":"\xed\xa0\x80"}', "The body is not UTF-8: byte 0xED at position 6."),
        ],
    )
    def test_refuses_what_is_not_json(self, body, sentence):
        with pytest.raises(InvalidJson) as error:
            parse(body)

        assert str(error.value) == sentence

    @pytest.mark.parametrize(
        ("members", "path", "sentence"),
        [
            ('"id":"1","id":"2"', "Patient.id", "The member 'id' is given 2 times."),
            (
                '"name":[{},{"family":"a","family":"a"}]',
                "Patient.name[1].family",
                "The member 'family' is given 2 times.",
            ),
            (
                '"name":[{"f\\u0061mily":"a","family":"b"}]',
                "Patient.name[0].family",
                "The member 'family' is given 2 times.",
            ),
            (
                '"name":[{"given":["a","b\\u0000"]}]',
                "Patient.name[0].given[1]",
                "The text holds the character U+0000, which cannot be stored.",
            ),
            (
                '"name":[{"text":"\\ud800"}]',
                "Patient.name[0].text",
                "The text holds half of a surrogate pair, which cannot be stored.",
            ),
            (
                '"name":[{"text":"\\udE00\\ud83d"}]',
                "Patient.name[0].text",
                "The text holds half of a surrogate pair, which cannot be stored.",
            ),
            ('"x":{"\\u0000":1}', "Patient.x", "The name of a member holds the character U+0000."),
            ('"x":NaN', "Patient.x", "NaN is not a number in JSON."),
            ('"x":[-Infinity]', "Patient.x[0]", "-Infinity is not a number in JSON."),
            (
                '"x":1E130000',
                "Patient.x",
                f"The number 1E130000 {BEYOND_LIMITS}",
            ),
            (
                '"x":1E99999999999999999999',
                "Patient.x",
                f"The number 1E99999999999999999999 {BEYOND_LIMITS}",
            ),
            (
                f'"x":{"1" * 65}',
                "Patient.x",
                f"The number 11111111111111111111… {BEYOND_LIMITS}",
            ),
            (
                f'"x":0.{"0" * 64}1',
                "Patient.x",
                f"The number 0.000000000000000000… {BEYOND_LIMITS}",
            ),
            (
                f'"x":{"1" * 100_000}',
                "Patient.x",
                f"The number 11111111111111111111… {BEYOND_LIMITS}",
            ),
        ],
    )
    def test_names_what_could_not_be_kept(self, members, path, sentence):
        with pytest.raises(InvalidJson) as error:
            parse(patient(members))

        assert [(issue.expression, issue.diagnostics) for issue in error.value.issues] == [
            ((path,), sentence)
        ]

    @pytest.mark.parametrize(
        "body",
        [
            b"[" * 10_000,
            b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
            b'{"resourceType":"Patient","extension":[' + b"[" * 201 + b"]" * 201 + b"]}",
            b'{"a":[' + b"[],[" * 10_000,
            b"[" * 5_000_000,
        ],
        ids=["arrays", "objects", "just too deep", "beside shallow ones", "long"],
    )
    def test_refuses_deep_nesting(self, body):
        with pytest.raises(InvalidJson) as error:
            parse(body)

        assert str(error.value) == "The JSON is nested deeper than 200 levels."

    def test_takes_nesting_of_200_levels(self):
        inner = "[" * 199 + "]" * 199

        assert stored(parse(patient(f'"x":{inner}'))) == STORED + f'}},"x":{inner}}}'

    def test_takes_brackets_in_strings_for_text(self):
        text = '\\\\\\"[{' * 1000

        assert parse(patient(f'"x":"{text}"')).value["x"] == '\\"[{' * 1000

    @pytest.mark.parametrize(
        ("body", "sentence", "path"),
        [
            ("{}", "A resource needs a resourceType.", "Resource.resourceType"),
            (
                '{"resourceType":"Patientt"}',
                "'Patientt' is not a resource type of FHIR R4.",
                "Resource.resourceType",
            ),
            ('{"resourceType":7}', "This is not a resource type of FHIR R4.", "Resource.resourceType"),
            (
                '{"resourceType":"Element"}',
                "'Element' is not a resource type of FHIR R4.",
                "Resource.resourceType",
            ),
            ('{"resourceType":"Patient","id":7}', "The id must be a string.", "Patient.id"),
            ('{"resourceType":"Patient","meta":[]}', "meta must be an object.", "Patient.meta"),
        ],
    )
    def test_refuses_what_is_no_resource(self, body, sentence, path):
        with pytest.raises(InvalidResource) as error:
            parse(body)

        assert (str(error.value), error.value.issues[0].expression) == (sentence, (path,))

    def test_refuses_half_a_surrogate_pair_in_a_string(self):
        with pytest.raises(InvalidJson) as error:
            parse('{"resourceType":"Patient","x":"\ud800"}')

        assert str(error.value) == "The text holds half of a surrogate pair at position 31."

    def test_of_a_value_refuses_what_is_no_object(self):
        with pytest.raises(InvalidResource) as error:
            from_value(["Patient"])

        assert str(error.value) == "A resource must be a JSON object."
