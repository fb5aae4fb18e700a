"""The exports of an organization, and whom each is about."""

from django.db.models import QuerySet

from imports.models import ExportJob


def export_list() -> QuerySet[ExportJob]:
    """Every export with who made it."""
    return ExportJob.objects.select_related("started_by", "api_key")


def export_filters(job: ExportJob) -> dict[str, str]:
    """The filters of the list of contacts that chose whom an export holds; none of them means everybody."""
    return dict(job.selection.get("filters", {}))
