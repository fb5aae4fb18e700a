"""The forms of the wizard. They check shape; what a file or a mapping has to be is for the services to say."""

from imports.forms.columns import ColumnForm, adjusted_forms, column_forms, posted_forms
from imports.forms.file_format import FormatForm
from imports.forms.saved_mapping import SavedMappingForm
from imports.forms.upload import UploadForm, upload_limits
from imports.forms.whole_file import WholeFileForm

__all__ = [
    "ColumnForm",
    "FormatForm",
    "SavedMappingForm",
    "UploadForm",
    "WholeFileForm",
    "adjusted_forms",
    "column_forms",
    "posted_forms",
    "upload_limits",
]
