"""What bundles are made of, however they come: in a request, or from a file that is loaded.

conditions    criteria in place of ids
links         the places in a resource that may name another
changes       the entries of a transaction that write
current       what there is already
resolving     where their links point
storing       all of them written, in a few round trips
"""
