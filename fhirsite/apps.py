from django.apps import AppConfig


class FhirsiteConfig(AppConfig):
    name = "fhirsite"
