"""Whatever stands in a resource, validation accepts it or says what is wrong."""

import copy
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from patients.fhir.outcomes import InvalidResource
from patients.fhir.resource import from_value
from patients.fhir.validation import validate
from tests.patients.fhir import broken_content, odd_resources
from tests.patients.fhir.resources import patient

RESOURCES = [value for _, value in odd_resources.ODD_BUT_VALID] + [
    value for _, value, _ in broken_content.INVARIANTS
]

SCALARS = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        1.5,
        2**40,
        "",
        " ",
        "x",
        "#",
        "#p",
        "2020",
        "2020-01-01",
        "Patient/1",
        "document",
    ]
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "url",
                    "extension",
                    "value",
                    "coding",
                    "code",
                    "system",
                    "reference",
                    "resourceType",
                    "_value",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def _places(value):
    """Yield each array or object within the value, with each of its indices or names."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield value, key
        if isinstance(item, dict | list):
            yield from _places(item)


@st.composite
def changed_resources(draw):
    resource = copy.deepcopy(draw(st.sampled_from(RESOURCES)))
    for _ in range(draw(st.integers(1, 3))):
        parent, key = draw(st.sampled_from(list(_places(resource))))
        if isinstance(parent, dict) and draw(st.booleans()):
            parent[f"_{key}"] = draw(ANYTHING)
            if draw(st.booleans()):
                del parent[key]
        else:
            parent[key] = draw(ANYTHING)
    return {**resource, "resourceType": draw(st.sampled_from([resource.get("resourceType"), "Patient"]))}


class TestValidate:
    @settings(max_examples=500)
    @given(changed_resources())
    def test_raises_nothing_but_its_own_error(self, value):
        with suppress(InvalidResource):
            validate(from_value(value))

    @settings(max_examples=200)
    @given(st.text(max_size=30))
    def test_takes_any_text_for_a_name_of_a_member(self, name):
        with suppress(InvalidResource):
            validate(from_value(patient(name=[{name: "x"}])))
