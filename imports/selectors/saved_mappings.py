from imports.models import ImportJob, ImportMapping
from imports.services.saved_mappings import header_signature


def mappings_that_fit(*, job: ImportJob) -> list[ImportMapping]:
    """The saved mappings of files with the same columns, the newest first."""
    alike = ImportMapping.objects.filter(signature=header_signature(job.columns))
    return list(alike.order_by("-updated_at", "-pk")[:5])
