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
from imports.models.record import ImportRecord

__all__ = [
    "ImportJob",
    "ImportMapping",
    "ImportMode",
    "ImportRecord",
    "ImportStatus",
    "Matching",
    "Outcome",
    "ProcessingMode",
    "ValidationStatus",
]
