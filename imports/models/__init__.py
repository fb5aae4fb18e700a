from imports.models.export import ExportFormat, ExportJob, ExportStatus
from imports.models.job import (
    ImportJob,
    ImportMode,
    ImportStatus,
    Matching,
    Outcome,
    ProcessingMode,
    ValidationStatus,
)
from imports.models.record import ImportRecord

__all__ = [
    "ExportFormat",
    "ExportJob",
    "ExportStatus",
    "ImportJob",
    "ImportMode",
    "ImportRecord",
    "ImportStatus",
    "Matching",
    "Outcome",
    "ProcessingMode",
    "ValidationStatus",
]
