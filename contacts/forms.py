"""Forms about contacts: they check shape and offer choices; what a value means is cleaned by patches."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.models import Contact, ContactKind, CustomFieldDefinition, FieldType
from contacts.models.suppression import GIVEN_REASONS
from contacts.patches import Patch, patch_maker
from organizations.ids import ids_of

BOOLEANS = ("is_active", "is_subscribed")
YES_NO = [("", "—"), ("true", "Yes"), ("false", "No")]
INPUT_TYPES = {
    FieldType.NUMBER: ("text", {"inputmode": "decimal"}),
    FieldType.DATE: ("date", {}),
    FieldType.DATETIME: ("datetime-local", {"step": "1"}),
    FieldType.URL: ("url", {}),
}
PREFIX = "custom:"


def attribute_fields(names: Iterable[str] = ATTRIBUTE_LABELS) -> dict[str, forms.Field]:
    """A form field for each attribute."""
    return {name: _attribute_field(name) for name in names}


def _attribute_field(name: str) -> forms.Field:
    label = ATTRIBUTE_LABELS[name]
    if name == "kind":
        return forms.ChoiceField(label=label, choices=ContactKind.choices)
    if name in BOOLEANS:
        return forms.BooleanField(label=label, required=False)
    length: int | None = getattr(Contact._meta.get_field(name), "max_length", None)
    kind = {"email": "email", "phone": "tel"}.get(name, "text")
    widget = forms.TextInput(attrs={"type": kind, "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=length, widget=widget)


def custom_fields(definitions: Iterable[CustomFieldDefinition]) -> dict[str, forms.Field]:
    """A typed form field for each field that the organization added, by `custom:<key>`."""
    return {f"{PREFIX}{each.key}": _custom_field(each) for each in definitions}


def _custom_field(definition: CustomFieldDefinition) -> forms.Field:
    shared: dict[str, Any] = {"label": definition.label, "required": definition.is_required}
    choices = [(choice, choice) for choice in definition.choices]
    if definition.type == FieldType.BOOLEAN:
        return forms.ChoiceField(choices=YES_NO, **shared)
    if definition.type == FieldType.CHOICE:
        return forms.ChoiceField(choices=[("", "—"), *choices], **shared)
    if definition.type == FieldType.MULTI_CHOICE:
        return forms.MultipleChoiceField(choices=choices, **shared)
    kind, attrs = INPUT_TYPES.get(FieldType(definition.type), ("text", {}))
    return forms.CharField(widget=forms.TextInput(attrs={"type": kind} | attrs), **shared)


def initial_values(
    contact: Contact, definitions: Iterable[CustomFieldDefinition]
) -> dict[str, Any]:
    """What a form about a contact starts from."""
    values = {name: getattr(contact, name) for name in ATTRIBUTE_LABELS}
    custom = {f"{PREFIX}{d.key}": _shown(d, contact.custom_fields.get(d.key)) for d in definitions}
    return values | custom


def _shown(definition: CustomFieldDefinition, value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    moment = parse_datetime(value) if definition.type == FieldType.DATETIME and value else None
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") if moment else value


def form_patch(
    values: Mapping[str, Any], names: Iterable[str], definitions: Sequence[CustomFieldDefinition]
) -> Patch:
    """The patch that some fields of a form make. Raises ValidationError by field."""
    chosen = set(names)
    plain = {name: values[name] for name in ATTRIBUTE_LABELS if name in chosen and name in values}
    custom = {
        name.removeprefix(PREFIX): values[name] or None
        for name in values
        if name in chosen and name.startswith(PREFIX)
    }
    return patch_maker(definitions).make(plain, custom)


class ContactForm(forms.Form):
    """Some or all fields of a contact; `patch` holds what was changed."""

    patch: Patch
    notes = forms.CharField(
        label="Why (optional, kept in the history)", required=False, max_length=500
    )

    def __init__(
        self,
        data: Any = None,
        *,
        definitions: Sequence[CustomFieldDefinition],
        contact: Contact | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        initial = (
            initial_values(contact, definitions)
            if contact
            else {"is_active": True, "is_subscribed": True}
        )
        super().__init__(data, initial=initial)
        offered = attribute_fields() | custom_fields(definitions)
        chosen = {name: field for name, field in offered.items() if names is None or name in names}
        self.fields = {**chosen, "notes": self.fields["notes"]}
        self._definitions = definitions
        self._is_new = contact is None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        names = list(values) if self._is_new else self.changed_data
        try:
            self.patch = form_patch(values, names, self._definitions)
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                self.add_error(name.replace("custom_fields.", PREFIX), errors)
        return values


class BulkForm(forms.Form):
    """What is to be done to the contacts that were selected."""

    ACTIONS = ("tag", "untag", "subscription", "field", "segment", "unsegment", "unpin", "delete")

    action = forms.ChoiceField(choices=[(name, name) for name in ACTIONS])
    everybody = forms.BooleanField(required=False)
    ids = forms.CharField(required=False, max_length=200_000)
    tags = forms.CharField(required=False, max_length=2_000)
    subscribed = forms.ChoiceField(required=False, choices=[("true", "true"), ("false", "false")])
    notes = forms.CharField(required=False, max_length=500)
    field = forms.CharField(required=False, max_length=80)
    value = forms.CharField(required=False, max_length=10_000)
    segment = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    # A list by hand that is made for the selection.
    segment_name = forms.CharField(required=False, max_length=200)

    def clean_ids(self) -> list[int]:
        return [number for number in ids_of(self.cleaned_data["ids"]) if number is not None]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("ids") and not values.get("everybody"):
            raise ValidationError("Select at least one contact.")
        if values.get("action") == "subscription" and not values.get("notes", "").strip():
            self.add_error("notes", "Say why: the reason is kept with each contact's history.")
        return values


class SavedViewForm(forms.Form):
    """The name of a view of the list, and whether everybody sees it."""

    name = forms.CharField(max_length=100)
    is_shared = forms.BooleanField(
        required=False,
        label="Share with everybody",
        help_text="Everybody in the organization sees it above the list; who may edit contacts can change it.",
    )

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"]


class FieldForm(forms.Form):
    """A custom field; its key and type are chosen once."""

    label = forms.CharField(max_length=200)
    key = forms.CharField(
        required=False,
        max_length=63,
        help_text="For files and programs, such as favourite_colour. Made from the label when left blank.",
    )
    type = forms.ChoiceField(choices=FieldType.choices, initial=FieldType.TEXT)
    choices = forms.CharField(
        required=False,
        label="Choices",
        help_text="One a line, for a field of choices.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    is_required = forms.BooleanField(required=False, label="Has to be filled in on forms")
    is_indexed = forms.BooleanField(
        required=False,
        label="Indexed",
        help_text="Rules on it are fast, however many contacts there are. There is room for four numbers, four texts "
        "(choices and web addresses too) and four dates or times.",
    )

    def clean_choices(self) -> list[str]:
        return [line for line in self.cleaned_data["choices"].splitlines() if line.strip()]


class ExistingFieldForm(FieldForm):
    key = type = None  # type: ignore[assignment]


class KindForm(forms.Form):
    """What kinds of mail and of relationships share; the key is chosen once."""

    label = forms.CharField(max_length=200)
    key = forms.CharField(
        required=False,
        max_length=40,
        help_text="For files and programs. Made from the label when left blank, and stays.",
    )


class PreferenceTypeForm(KindForm):
    description = forms.CharField(
        max_length=500, required=False, help_text="What people read when they choose."
    )
    is_enabled_by_default = forms.BooleanField(
        required=False,
        initial=True,
        label="On for everybody who said nothing of it",
        help_text="Off: only who said yes gets it.",
    )


class ExistingPreferenceTypeForm(PreferenceTypeForm):
    key = None  # type: ignore[assignment]


class RelationshipTypeForm(KindForm):
    label = forms.CharField(max_length=200, help_text="Such as “Works at”.")
    inverse_label = forms.CharField(
        max_length=200,
        label="Label from the other end",
        help_text="Such as “Has the employee”. The same again where both ends are alike: “Friend of”.",
    )

    field_order = ("label", "inverse_label", "key")


class ExistingRelationshipTypeForm(RelationshipTypeForm):
    key = None  # type: ignore[assignment]


class SuppressionForm(forms.Form):
    """An address that is to get no mail, and why."""

    email = forms.CharField(
        max_length=1000,
        label="E-mail address",
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "off"}),
    )
    reason = forms.ChoiceField(choices=GIVEN_REASONS)
    source = forms.CharField(
        max_length=200,
        required=False,
        label="Where this is known from",
        help_text="Such as the mail provider’s report. It stays with the suppression.",
    )


class LiftForm(forms.Form):
    """Why an address may get mail again."""

    notes = forms.CharField(max_length=500, label="Why it may get mail again")
