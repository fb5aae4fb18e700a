"""Uploads go to disk as they come in, never into memory."""

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Counts what goes beyond the limit of an import and doesn't keep it: the size is enough to refuse the file."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= settings.IMPORT_MAX_BYTES:
            super().receive_data_chunk(raw_data, start)
