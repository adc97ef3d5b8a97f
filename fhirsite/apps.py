from django.apps import AppConfig


class FhirsiteConfig(AppConfig):
    name = "fhirsite"

    def ready(self) -> None:
        """Make Celery's app the current one, so that whoever sends a task reaches the broker."""
        from fhirsite.celery import app

        app.set_default()
