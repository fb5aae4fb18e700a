from django import forms

from imports.models.mapping import NAME_LENGTH


class SavedMappingForm(forms.Form):
    """The name of a saved mapping; what it says is changed where a file's columns are matched."""

    name = forms.CharField(max_length=NAME_LENGTH)
