"""Which resources a search finds, worked out from their JSON as a person would read R4: slow and plain.

It shares nothing with what extracts, stores and looks up values. Search parameters, the types of elements,
bindings and the compartment are read from HL7's own definitions each time, queries from the query string.

definitions     the search parameters and elements of R4
expressions     what an expression selects of a resource
store           the resources, what their parameters select, who refers to whom
strings, tokens, moments, numbers, references, uris, words     whether an element matches a value
searches        a query string against the store
results         the order, includes and compartment

https://hl7.org/fhir/R4/search.html
"""
