from django import forms
from django.core.exceptions import ValidationError

from contacts.cleaning.errors import CleaningError
from tags.names import clean_tag_names


class TagNamesField(forms.CharField):
    """Names of tags, separated by commas, semicolons or bars."""

    def clean(self, value: object) -> list[str]:  # type: ignore[override]
        try:
            return clean_tag_names(super().clean(value))
        except CleaningError as error:
            raise ValidationError(error.message, code=error.code) from error
