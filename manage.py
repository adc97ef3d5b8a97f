#!/usr/bin/env python
"""Operations' door: `manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fhirsite.settings")
    from django.core.management import execute_from_command_line

    from fhirsite.management.failures import sentence_for

    try:
        execute_from_command_line(sys.argv)
    except Exception as failure:
        sentence = sentence_for(failure)
        if sentence is None or "--traceback" in sys.argv:
            raise
        sys.exit(f"manage.py: {sentence}")


if __name__ == "__main__":
    main()
