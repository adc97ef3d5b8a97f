"""The demo: 40 synthetic patients (bundles/SOURCES.md) and the users who look at them."""

from pathlib import Path

BUNDLES: Path = Path(__file__).parent / "bundles"

# Name, which is their role's too, password, whether an administrator; made where FHIRSITE_DEMO allows it.
USERS: tuple[tuple[str, str, bool], ...] = (
    ("administrator", "demo-administrator", True),
    ("clinician", "demo-clinician", False),
    ("nurse", "demo-nurse-login", False),
)
