import pytest

from patients.generation import stencils, templates
from patients.generation.stencils import Particulars, StencilError

PARTICULARS = Particulars(
    resource_id="77",
    id="o.1",
    last_updated="2026-01-02T03:04:05.678Z",
    patient="p-1",
    encounter="p-1-20200229",
    effective="2020-02-29T23:30:00-03:00",
    issued="2020-02-29T23:31:00.5-03:00",
)
OF_DEMO = [each for code in templates.observations() for each in code.templates[:1]]


@pytest.mark.parametrize("template", OF_DEMO, ids=lambda each: each["code"]["coding"][0]["code"])
def test_filled_in_is_what_extraction_gives(template):
    filled = stencils.cut(template).filled(PARTICULARS)

    extracted = stencils.blocks_of(stencils.rows_by_extraction(template, PARTICULARS))
    assert {table: sorted(block.splitlines()) for table, block in filled.items()} == {
        table: sorted(block.splitlines()) for table, block in extracted.items()
    }


def test_keeps_signs_that_formats_know():
    template = {**OF_DEMO[0], "note": [{"text": "100 %(id)s, 5 %"}]}

    filled = stencils.cut(template).filled(PARTICULARS)

    assert '"text":"100 %(id)s, 5 %"' in filled["fhir_resources"]


def test_is_refused_where_rows_depend_on_particulars_in_an_unknown_way():
    # Of a text that has the patient's id in capitals the words would stay the probe's.
    template = {**OF_DEMO[0], "note": [{"text": "probe-patient-1"}]}

    with pytest.raises(StencilError):
        stencils.cut(template)
