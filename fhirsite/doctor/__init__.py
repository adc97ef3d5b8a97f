"""What `manage.py doctor` looks at: what is used, which versions, what is wrong and how to mend it."""

from fhirsite.doctor.cache import check_cache
from fhirsite.doctor.connections import check_connections
from fhirsite.doctor.findings import Finding, Level
from fhirsite.doctor.host import check_certificate, check_disk, check_file_modes, check_settings
from fhirsite.doctor.primary import check_primary
from fhirsite.doctor.standby import check_standby

CHECKS = (
    check_settings,
    check_primary,
    check_standby,
    check_cache,
    check_connections,
    check_certificate,
    check_disk,
    check_file_modes,
)

__all__ = ["CHECKS", "Finding", "Level", "examine"]


def examine() -> list[Finding]:
    """All findings, in the order of the checks."""
    return [finding for check in CHECKS for finding in check()]
