"""The REST API: FHIR at /fhir, summary rows of patients at /api. https://hl7.org/fhir/R4/http.html"""
