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
from imports.models.mapping import ImportMapping
from imports.models.record import ImportRecord, ImportRecordArchive, KeptRecord

__all__ = [
    "ExportFormat",
    "ExportJob",
    "ExportStatus",
    "ImportJob",
    "ImportMapping",
    "ImportMode",
    "ImportRecord",
    "ImportRecordArchive",
    "ImportStatus",
    "KeptRecord",
    "Matching",
    "Outcome",
    "ProcessingMode",
    "ValidationStatus",
]
