"""The site: settings, URLs, processes. The version of fhirsite is here and nowhere else."""

__version__ = "0.1.0"
