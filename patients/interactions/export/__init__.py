"""$export: resources by the hundred thousand, as files. https://hl7.org/fhir/uv/bulkdata/STU2/export.html

`ordering` takes the order and answers how it stands; `running` does the work, in portions, in whichever
worker has the lease; `files` are where they are written; `remains` are removed when their time is over.
"""

from patients.interactions.export.ordering import (
    ExportedFile,
    ExportStatus,
    cancel,
    cancel_for_another,
    exported_file,
    nudge,
    order,
    status,
)
from patients.interactions.export.remains import remove_old
from patients.interactions.export.running import run_portion, unattended

__all__ = [
    "ExportStatus",
    "ExportedFile",
    "cancel",
    "cancel_for_another",
    "exported_file",
    "nudge",
    "order",
    "remove_old",
    "run_portion",
    "status",
    "unattended",
]
