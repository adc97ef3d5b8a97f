"""What the environment says of the embedded default."""

import pytest

from fhirsite.embedded import options
from fhirsite.embedded.failures import EmbeddedError


def test_an_empty_environment_embeds_everything():
    chosen = options.from_environment({})

    assert (chosen.embeds_primary, chosen.embeds_standby, chosen.embeds_cache) == (True, True, True)
    assert (chosen.bind, chosen.http_port, chosen.https_port) == ("127.0.0.1", 8000, 8443)
    assert chosen.is_demo


@pytest.mark.parametrize(
    ("environment", "embedded"),
    [
        ({"DATABASE_URL": "postgres://a/b"}, (False, False, True)),
        ({"REPLICA_URL": "postgres://a/b"}, (True, False, True)),
        ({"REDIS_URL": "redis://a"}, (True, True, False)),
        ({"DATABASE_URL": ""}, (True, True, True)),
    ],
)
def test_what_has_an_address_is_not_embedded(environment, embedded):
    chosen = options.from_environment(environment)

    assert (chosen.embeds_primary, chosen.embeds_standby, chosen.embeds_cache) == embedded


@pytest.mark.parametrize(
    ("environment", "is_demo"),
    [
        ({"FHIRSITE_DEMO": "0"}, False),
        ({"FHIRSITE_DEMO": "1"}, True),
        ({"FHIRSITE_PRODUCTION": "1"}, False),
        ({"FHIRSITE_PRODUCTION": "1", "FHIRSITE_DEMO": "1"}, False),
    ],
)
def test_demo_never_goes_with_production(environment, is_demo):
    assert options.from_environment(environment).is_demo is is_demo


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "8 000"])
def test_a_port_must_be_one(text):
    with pytest.raises(EmbeddedError) as failure:
        options.from_environment({"FHIRSITE_HTTP_PORT": text})

    assert str(failure.value) == f"FHIRSITE_HTTP_PORT must be a number from 1 to 65535, not {text!r}."
