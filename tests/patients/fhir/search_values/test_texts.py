"""Texts are what codes are shown as, the words of the narrative, and all words of a resource."""

from tests.patients.fhir.search_values.read import rows, values

DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Fish &amp; <b>chips</b><!-- not this --></p></div>'


class TestTexts:
    def test_of_codes_are_displays_and_the_text(self):
        concept = {"coding": [{"code": "x", "display": "Shown"}, {"display": 7}], "text": "Said"}

        assert rows(values("Observation", code=concept).texts, "code") == {("Shown",), ("Said",)}

    def test_of_a_narrative_have_no_tags(self):
        assert rows(values("Basic", text={"div": DIV}).texts, "_text") == {("Fish & chips",)}

    def test_of_the_content_are_the_narrative_and_all_other_strings(self):
        found = values(
            "Basic", text={"div": DIV}, code={"text": "Order"}, contained=[{"name": "Inner"}]
        ).texts

        [(content,)] = rows(found, "_content")
        assert set(content.split()) == {"Fish", "&", "chips", "Order", "Inner"}

    def test_of_the_content_are_the_narratives_within(self):
        inner = [{"resource": {"text": {"status": "generated", "div": DIV}}}]

        [(content,)] = rows(values("Bundle", entry=inner).texts, "_content")

        assert set(content.split()) == {"Fish", "&", "chips", "generated"}

    def test_of_the_content_have_no_base64_and_no_addresses(self):
        content = [{"attachment": {"data": "aGVsbG8=", "url": "http://example.org", "title": "Scan"}}]

        assert rows(values("DocumentReference", content=content).texts, "_content") == {("Scan",)}
