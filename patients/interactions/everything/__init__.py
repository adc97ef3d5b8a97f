"""$everything: all that is known about a Patient. https://hl7.org/fhir/R4/patient-operation-everything.html

Three phases: the Patient; its compartment by type and clinical date; and what these records refer to that is
in nobody's compartment (practitioners, organisations, locations, medications), each once and one level deep:
what an organisation refers to is not followed. In pages (`pages.py`), or whole (`whole.py`).
"""

from patients.interactions.everything.pages import everything
from patients.interactions.everything.whole import Whole, whole

__all__ = ["Whole", "everything", "whole"]
