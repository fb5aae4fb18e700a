"""A file, or text that was pasted, and what to do with its people."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from imports.forms.fields import TagNamesField
from imports.models import ImportMode, Matching

PASTE_LIMIT = 10 * 1024 * 1024


class UploadForm(forms.Form):
    """A file, or text that was pasted, and what to do with its people."""

    file = forms.FileField(required=False, label="File")
    text = forms.CharField(
        required=False,
        strip=False,
        label="Or paste the rows, with their header",
        widget=forms.Textarea,
    )
    match = forms.ChoiceField(choices=Matching.choices, initial=Matching.EMAIL)
    mode = forms.ChoiceField(choices=ImportMode.choices, initial=ImportMode.UPSERT)
    source = forms.CharField(
        max_length=200,
        error_messages={"required": "Say where these people come from, such as “Newsletter form”."},
    )
    tags = TagNamesField(required=False, max_length=1000)

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if len(text) > PASTE_LIMIT:
            raise ValidationError(
                "That is too much to paste. Save it as a file and choose the file."
            )
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text = cleaned.pop("text", "")
        if cleaned.get("file") or {"file", "text"} & self.errors.keys():
            return cleaned
        if not text.strip():
            raise ValidationError({"file": "Choose a file, or paste its rows."})
        cleaned["file"] = ContentFile(text.encode(errors="replace"), name="pasted.csv")
        return cleaned


def upload_limits() -> dict[str, int]:
    """What a file may have at most, to be told before it is chosen."""
    return {
        "megabytes": settings.IMPORT_MAX_BYTES // 1024**2,
        "unpacked_megabytes": settings.IMPORT_MAX_UNPACKED_BYTES // 1024**2,
        "rows": settings.IMPORT_MAX_ROWS,
        "columns": settings.IMPORT_MAX_COLUMNS,
        "cell_characters": settings.IMPORT_MAX_CELL_CHARACTERS,
    }
