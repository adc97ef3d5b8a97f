"""From stored FHIR to what a clinician reads: pure functions, no request, no database.

Every function takes what is stored as it is stored, and leaves out what is not there: nothing is
computed that nobody recorded, but the age of a person whose day of birth is known.
"""
