"""What bundles are made of, however they come: in a request, or from a file that is loaded.

conditions    criteria in place of ids
links         the places in a resource that may name another
"""
