import json

import pytest

from tests.patients.api.messages import FHIR, created, issue

ONE = {"system": "urn:tags", "code": "one"}
TWO = {"system": "urn:tags", "code": "two"}


def changed(client, id, kind, meta, **options):
    body = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": meta}]}
    return client.post(f"/fhir/Patient/{id}/$meta-{kind}", json.dumps(body), content_type=FHIR, **options)


def labels(response):
    [parameter] = response.json()["parameter"]
    return {name: each for name, each in parameter["valueMeta"].items() if name != "lastUpdated"}


class TestMeta:
    def test_answers_the_meta_of_the_current_version(self, client):
        id = created(client, meta={"tag": [ONE]})

        assert labels(client.get(f"/fhir/Patient/{id}/$meta")) == {"versionId": "1", "tag": [ONE]}

    def test_adds_what_is_not_there_as_a_new_version(self, client):
        id = created(client, meta={"tag": [ONE]})

        response = changed(client, id, "add", {"tag": [{**ONE, "display": "1"}, TWO], "profile": ["urn:p"]})

        assert labels(response) == {"versionId": "2", "tag": [ONE, TWO], "profile": ["urn:p"]}
        assert client.get(f"/fhir/Patient/{id}").json()["meta"]["tag"] == [ONE, TWO]

    def test_takes_away_what_is_there(self, client):
        id = created(client, meta={"tag": [ONE, TWO], "security": [ONE]})

        response = changed(client, id, "delete", {"tag": [ONE], "security": [ONE, TWO]})

        assert labels(response) == {"versionId": "2", "tag": [TWO]}

    def test_keeps_all_else(self, client):
        id = created(client, active=True)

        changed(client, id, "add", {"tag": [ONE]})

        assert client.get(f"/fhir/Patient/{id}").json()["active"] is True

    def test_answers_412_to_a_stale_if_match(self, client):
        response = changed(client, created(client), "add", {"tag": [ONE]}, headers={"If-Match": 'W/"7"'})

        assert issue(response)[0] == 412

    def test_answers_404_where_there_is_none(self, client):
        assert changed(client, "nobody-of-this-id", "add", {"tag": [ONE]}).status_code == 404

    @pytest.mark.parametrize("meta", [{}, 1, {"versionId": "7"}, {"tag": ONE}, {"tag": [ONE] * 101}])
    def test_answers_400_to_what_are_no_labels(self, client, meta):
        assert changed(client, created(client), "add", meta).status_code == 400

    @pytest.mark.parametrize("label", [1, None, [], {"code": 1}, {"code": []}, {"x": {}}])
    def test_answers_422_to_labels_that_are_not_valid(self, client, label):
        assert changed(client, created(client), "add", {"tag": [label]}).status_code == 422
