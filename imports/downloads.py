"""Files of exports as responses, for screens and API alike."""

from django.http import FileResponse, Http404

from imports.models import ExportJob


def file_response(job: ExportJob) -> FileResponse:
    """The file of an export as a download. Raises Http404 where there is none (any more)."""
    if not job.has_file:
        raise Http404("This export has no file, or it was removed after its time.")
    try:
        content = job.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("The file is gone from the storage: export again.") from error
    response = FileResponse(content, as_attachment=True, filename=job.file_name)
    # People's data: no proxy keeps it.
    response["Cache-Control"] = "private, no-store"
    return response
