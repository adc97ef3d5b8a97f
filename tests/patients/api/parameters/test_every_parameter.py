"""Each search parameter in the CapabilityStatement finds what has its element, and not by a near value.

Examples are HL7's own; where none has the element, a small resource that has it is made from the definitions.
"""

import random
from collections import Counter
from functools import cache

import pytest

from tests import published
from tests.patients.api.messages import FHIR, found, issue
from tests.patients.api.parameters import exact, examples
from tests.patients.api.parameters.case import OTHER, Case
from tests.patients.api.parameters.definitions import parameter
from tests.patients.api.parameters.made import made_for
from tests.patients.fhir.any_resources import Maker
from tests.patients.fhir.test_validation_of_published_resources import REFUSED_EXAMPLES

pytestmark = published.needs_published_data

SEED = 20261124
NOW = "2026-01-02T03:04:05Z"
# How many parameters are asked of HL7's examples, of made resources, and of Lists.
COVERED = {"examples": 1721, "made": 1134, "lists": 145}
# Those that have no element of which cases could be drawn, and why.
WITHOUT_CASES = {
    ("Binary", "_content"): "has no text: its data are in base64, and those of one type are many",
    ("Location", "near"): "is refused: there is no search by distance; see TestRefused",
}
# These look into Lists; see TestLists.
OF_LISTS = "_list"


@pytest.fixture(scope="module")
def library(client, tmp_path_factory):
    return examples.loaded(client, tmp_path_factory.mktemp("examples"))


@pytest.fixture(scope="module")
def search(user):
    """Search at the interaction: the ids found."""
    from patients.access import actor_for
    from patients.fhir.outcomes import FhirError
    from patients.fhir.search_request import parse
    from patients.interactions import search

    actor = actor_for(user, channel="token", request_id="", address="")

    def ids(type: str, pairs: list[tuple[str, str]]) -> list[str]:
        try:
            return [entry.id for entry in search(actor=actor, request=parse(type, pairs)).entries]
        except FhirError as error:
            return [str(error)]

    return ids


def chosen(client, tenth: int | None) -> list[examples.Offered]:
    """All that are offered and have cases, or a tenth of them by chance."""
    of_all = [each for each in examples.offered(client) if each.name != OF_LISTS]
    with_cases = [each for each in of_all if (each.type, each.name) not in WITHOUT_CASES]
    return with_cases if tenth is None else random.Random(SEED).sample(with_cases, len(with_cases) // tenth)


def questions(offered: examples.Offered, cases: list[Case], most: int) -> list[tuple[tuple[str, str], bool]]:
    """Pairs of a query string, as many positive as negative, and whether they find the resource."""
    positive = [case for case in cases if case.is_found][:most]
    negative = [case for case in cases if not case.is_found][:most]
    asked = [(case.pair(offered.name), case.is_found) for case in (*positive, *negative)]
    if "missing" in offered.modifiers:
        asked += [((f"{offered.name}:missing", "false"), True), ((f"{offered.name}:missing", "true"), False)]
    return asked


def wrongly_answered(search, offered: examples.Offered, resource: dict, asked: list) -> list:
    id = resource["id"]
    return [
        (offered.type, id, pair, is_found)
        for pair, is_found in asked
        if search(offered.type, [pair, ("_id", id)]) != ([id] if is_found else [])
    ]


class TestEveryParameter:
    def test_finds_what_has_its_element(self, client, library, search):
        wrong = []
        for offered in chosen(client, 10):
            resource, cases = next(library.with_cases(offered))
            wrong += wrongly_answered(search, offered, resource, questions(offered, cases, 1))

        assert wrong == []

    @pytest.mark.long
    def test_finds_over_http_what_has_its_element(self, client, library):
        def search(type: str, pairs: list[tuple[str, str]]) -> list[str]:
            response = client.get(f"/fhir/{type}", pairs)
            return found(response) if response.status_code == 200 else [response.content.decode()]

        wrong, counts = [], Counter()
        for offered in chosen(client, None):
            resource, cases = next(library.with_cases(offered))
            asked = questions(offered, cases, 2)
            counts.update(is_found for _, is_found in asked)
            wrong += wrongly_answered(search, offered, resource, asked)

        assert wrong == []
        assert min(counts[True], counts[False]) >= len(chosen(client, None))

    @pytest.mark.long
    def test_finds_all_examples_by_all_their_values(self, client, library, search):
        wrong, count = [], 0
        for offered in chosen(client, None):
            for resource, cases in library.with_cases(offered):
                asked = questions(offered, cases, 50)
                count += len(asked)
                wrong += wrongly_answered(search, offered, resource, asked)

        assert wrong == []
        assert count > 65_000

    def test_has_its_cases(self, client, library):
        covered = Counter()
        without = set()
        for offered in examples.offered(client):
            if offered.name == OF_LISTS:
                covered["lists"] += 1
            elif any(offered.cases_of(resource) for resource in library.by_type[offered.type]):
                covered["examples"] += 1
            elif any(
                offered.cases_of(
                    {**resource, "id": "x", "meta": {"lastUpdated": NOW, **resource.get("meta", {})}}
                )
                for resource in made_for(offered.type, parameter(offered.definition))
            ):
                covered["made"] += 1
            else:
                without.add((offered.type, offered.name))

        assert without == WITHOUT_CASES.keys()
        assert covered == COVERED


class TestLists:
    """https://hl7.org/fhir/R4/search.html#list"""

    def test_find_what_they_list_of_every_type(self, client, library):
        types = sorted({each.type for each in examples.offered(client) if each.name == OF_LISTS})
        listed = {type: any_of(library, type) for type in types}
        full = list_of(library, [f"{type}/{id}" for type, id in listed.items()])
        other = list_of(library, [f"{type}/{id}-{OTHER}"[:64] for type, id in listed.items()])

        with_list = {type: found(client.get(f"/fhir/{type}", {"_list": full})) for type in types}
        with_other = {type: found(client.get(f"/fhir/{type}", {"_list": other})) for type in types[::9]}

        assert with_list == {type: [id] for type, id in listed.items()}
        assert with_other == {type: [] for type in types[::9]}


def any_of(library: examples.Library, type: str) -> str:
    """The id of a resource of the type."""
    if all := library.by_type[type]:
        return all[0]["id"]
    return library.stored(Maker(random.Random(type), richness=0).resource(type))["id"]


def list_of(library: examples.Library, references: list[str]) -> str:
    entries = [{"item": {"reference": reference}} for reference in references]
    made = {"resourceType": "List", "status": "current", "mode": "working", "entry": entries}
    return library.stored(made)["id"]


class TestRefused:
    def test_near_is(self, client):
        response = client.get("/fhir/Location", {"near": "42.256500|-83.694810"})

        sentence = "Search parameter 'near' is not supported: positions are not compared here."
        assert issue(response) == (400, "not-supported", sentence)


class TestExamples:
    """All of HL7's examples but those that break a rule of R4."""

    def test_are_loaded_and_found_equal(self, library):
        stored = {address_of(each): each for all in library.by_type.values() for each in all}

        assert sent().keys() - stored.keys() == {f"{type}/{id}" for type, id in REFUSED_EXAMPLES}
        for address, resource in stored.items():
            assert exact.without_server_meta(resource) == exact.without_server_meta(sent()[address])

    def test_are_read_equal(self, client, library):
        assert_read_equal(client, random.Random(SEED).sample(addresses(library), 72))

    @pytest.mark.long
    def test_are_all_read_equal(self, client, library):
        assert len(addresses(library)) == 720
        assert_read_equal(client, addresses(library))


def addresses(library: examples.Library) -> list[str]:
    return sorted({address_of(each) for all in library.by_type.values() for each in all} & sent().keys())


def assert_read_equal(client, addresses: list[str]) -> None:
    for address in addresses:
        response = client.get(f"/fhir/{address}", headers={"Accept": FHIR})

        read = exact.read(response.content)
        assert address_of(read) == address
        assert exact.without_server_meta(read) == exact.without_server_meta(sent()[address])


def address_of(resource: dict) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


@cache
def sent() -> dict[str, dict]:
    """The examples as they were published."""
    return {address_of(each): each for each in map(exact.read, published.hl7_example_texts())}
