from django import forms


class TagForm(forms.Form):
    """A tag's name, colour and description; what is allowed is for the service to say."""

    name = forms.CharField(max_length=100)
    color = forms.CharField(
        max_length=7,
        required=False,
        label="Colour",
        widget=forms.TextInput(attrs={"type": "color"}),
    )
    description = forms.CharField(max_length=500, required=False)
