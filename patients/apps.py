from django.apps import AppConfig
from django.conf import settings

from patients.fhir import own_addresses


class PatientsConfig(AppConfig):
    name = "patients"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are there from here on.
        from patients.accounts import auditing
        from patients.audit import lifetime

        own_addresses.know(settings.BASE_URLS)
        auditing.connect()
        lifetime.drain_at_exit()
