"""The values of search parameters: how strings, dates and tokens are read and compared.

Specification: https://hl7.org/fhir/R4/search.html#ptypes
"""
