"""The local certificate: for this machine, private, renewed in time."""

import datetime
import ipaddress
import stat

from cryptography import x509

from fhirsite.embedded.files import certificates


def test_names_this_machine_and_no_other(tmp_path):
    certificates.ensure_certificate(tmp_path)

    content = certificates.certificate_files(tmp_path).certificate.read_bytes()
    names = x509.load_pem_x509_certificate(content).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["localhost"]
    assert names.value.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_address("::1"),
    ]


def test_keeps_its_key_from_other_users(tmp_path):
    certificates.ensure_certificate(tmp_path)

    files = certificates.certificate_files(tmp_path)
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.key.parent.stat().st_mode) == 0o700


def test_stays_until_it_is_about_to_expire(tmp_path):
    certificates.ensure_certificate(tmp_path)
    before = certificates.certificate_files(tmp_path).certificate.read_bytes()

    certificates.ensure_certificate(tmp_path)

    assert certificates.certificate_files(tmp_path).certificate.read_bytes() == before


def test_is_made_anew_when_it_is_about_to_expire(tmp_path, monkeypatch):
    monkeypatch.setattr(certificates, "_LIFETIME", datetime.timedelta(days=29))
    certificates.ensure_certificate(tmp_path)
    monkeypatch.undo()

    certificates.ensure_certificate(tmp_path)

    left = certificates.certificate_files(tmp_path).expires_at - datetime.datetime.now(datetime.UTC)
    assert left > datetime.timedelta(days=365)
