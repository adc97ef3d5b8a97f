import pytest

from patients.fhir.entity_tags import ANY_VERSION, entity_tag, is_named, version_in
from patients.fhir.outcomes import InvalidRequest


class TestVersionIn:
    @pytest.mark.parametrize("header", ['W/"3"', '"3"', ' W/"3"\t'])
    def test_reads_weak_and_strong_tags(self, header):
        assert version_in(header) == 3

    @pytest.mark.parametrize(
        "header", ["", "3", "W/3", 'w/"3"', '"03"', '"0"', '"-1"', '"3', "* *", '"3", "4"', '"٣"']
    )
    def test_refuses_what_is_no_tag_of_a_version(self, header):
        with pytest.raises(InvalidRequest, match="If-Match must be \\* or the entity tag of one version"):
            version_in(header)

    @pytest.mark.parametrize("header", ["*", " * "])
    def test_reads_any(self, header):
        assert version_in(header) == ANY_VERSION

    def test_reads_what_entity_tag_writes(self):
        assert version_in(entity_tag(12)) == 12


class TestIsNamed:
    @pytest.mark.parametrize("header", ['W/"3"', '"3"', '"2", W/"3"', "*", 'W/"a,b" ,"3"'])
    def test_is_true_of_a_tag_in_the_list(self, header):
        assert is_named('W/"3"', header)

    @pytest.mark.parametrize("header", ["", "3", '"33"', 'W/"2", "4"', '"*"'])
    def test_is_false_of_others(self, header):
        assert not is_named('W/"3"', header)
