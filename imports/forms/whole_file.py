"""What holds for every row of a file: how contacts are found, what all of them get, what they agreed to."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from phonenumbers import SUPPORTED_REGIONS, country_code_for_region
from phonenumbers.geodata.locale import LOCALE_DATA

from contacts.models import PreferenceType
from imports.forms.fields import TagNamesField
from imports.forms.offering import offer
from imports.models import ImportJob, ImportMode, Matching
from imports.models.mapping import NAME_LENGTH

SUBSCRIBING = [("yes", "Get mail"), ("no", "Get none until they agree")]
# Where the services' errors are shown.
PLACES = {
    "consent.types": "consent_types",
    "consent.source": "consent_source",
    "name": "save_as",
    "country": "country",
    "subscribes_new": "subscribes_new",
}


class WholeFileForm(forms.Form):
    match = forms.ChoiceField(choices=Matching.choices, label="Find a contact by its")
    mode = forms.ChoiceField(choices=ImportMode.choices, label="Then")
    source = forms.CharField(required=False, max_length=200, label="Where they come from")
    tags = TagNamesField(required=False, max_length=1000, label="Tags for everybody")
    country = forms.ChoiceField(required=False, label="Telephone numbers without a country code")
    subscribes_new = forms.ChoiceField(
        required=False, choices=SUBSCRIBING, label="New people about whom the file says nothing"
    )
    consent_types = forms.MultipleChoiceField(
        required=False, label="They agreed to", widget=forms.CheckboxSelectMultiple
    )
    consent_source = forms.CharField(
        required=False, max_length=500, label="Where and when they agreed"
    )
    consent_text = forms.CharField(
        required=False, max_length=5000, label="What they agreed to, word for word"
    )
    save_as = forms.CharField(
        required=False, max_length=NAME_LENGTH, label="Keep these choices under a name"
    )

    def __init__(self, data: Any = None, *, job: ImportJob, initial: Any = None) -> None:
        super().__init__(data, initial=said_of_all(job) | dict(initial or {}))
        kinds = PreferenceType.objects.filter(is_transactional=False).order_by("label")
        offer(self, "consent_types", list(kinds.values_list("key", "label")))
        offer(self, "country", countries(job.organization.country))

    @property
    def has_consent(self) -> bool:
        return bool(self["consent_types"].value())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        said = cleaned.get("consent_source") or cleaned.get("consent_text")
        if said and not cleaned.get("consent_types"):
            raise ValidationError({"consent_types": "Choose what they agreed to."})
        return cleaned

    def choices(self) -> dict[str, Any]:
        """What `import_map` takes."""
        values = self.cleaned_data
        consent = {name: values[f"consent_{name}"] for name in ("types", "source", "text")}
        return {
            "match": values["match"],
            "mode": values["mode"],
            "source": values["source"],
            "tags": values["tags"],
            "consent": consent if consent["types"] else {},
            "country": values["country"],
            "subscribes_new": values["subscribes_new"] != "no",
        }


def countries(usual: str) -> list[tuple[str, str]]:
    """Every country that has telephone numbers, by name; the organization's own is the usual one."""
    names = {code: _country(code) for code in SUPPORTED_REGIONS}
    first = f"{names[usual]} (as usual here)" if usual in names else "Refuse them"
    return [("", first), *sorted(names.items(), key=lambda each: each[1])]


def _country(code: str) -> str:
    names = LOCALE_DATA.get(code, {})
    english = names.get("en", code)
    # A star stands for "as in that language".
    name = names[english[1:]] if english.startswith("*") else english
    return f"{name} (+{country_code_for_region(code)})"


def said_of_all(job: ImportJob) -> dict[str, Any]:
    """What is stored of an import, as values of the form."""
    constants = job.options.get("constants", {})
    consent = job.options.get("consent") or {}
    return {
        "match": job.match,
        "mode": job.mode,
        "source": constants.get("source", ""),
        "tags": ", ".join(constants.get("tags", {}).values()),
        "country": job.options.get("country", ""),
        "subscribes_new": "no" if job.options.get("new_unsubscribed") else "yes",
    } | {f"consent_{name}": value for name, value in consent.items()}
