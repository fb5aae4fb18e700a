"""What a mapping may say about each column of a file, checked once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from contacts.attributes import attributes
from contacts.models import CustomFieldDefinition, FieldType, PreferenceType
from contacts.models.custom_field import KEY
from contacts.services.custom_fields import WITH_CHOICES
from imports.mapping.synonyms import is_inverted

Entry = Mapping[str, Any]
Options = dict[str, Any]

FURTHER = {"further_email": "email", "further_phone": "phone"}
SUBSCRIBED, OPTED_OUT = "is_subscribed", "opted_out"
PREFERENCE = "preference:"
CUSTOM = "custom:"
# Several columns may have one of these targets; they add to what a contact has, and take nothing away.
ADDING = ("tags", OPTED_OUT, *FURTHER)
OVERWRITE, FILL, NEW_ONLY = "overwrite", "fill", "never"
WRITES = (OVERWRITE, FILL, NEW_ONLY)
MAX_CHOICES = 200
CONVENTIONS = {
    FieldType.DATE: "day_first",
    FieldType.DATETIME: "day_first",
    FieldType.NUMBER: "decimal_comma",
}


@dataclass(slots=True)
class _Known:
    """What a mapping can name, and what it has named already."""

    names: Sequence[str]
    match: str
    definitions: Mapping[str, CustomFieldDefinition]
    preferences: frozenset[str]
    checked: dict[int, Options] = field(default_factory=dict)
    taken: dict[Any, int] = field(default_factory=dict)


def mapping_validate(
    *, mapping: Sequence[Entry], columns: Sequence[Mapping[str, Any]], match: str
) -> list[Options]:
    """The mapping in order of columns, each column named once. Two queries.

    Raises ValidationError, by path (`columns.3.target`), for a column that the file doesn't have, an unknown or
    repeated target, a new field without a fit key or type, options that don't fit, or a missing key column.
    """
    errors: dict[str, ValidationError] = {}
    definitions = {each.key: each for each in CustomFieldDefinition.objects.all()}
    preferences = frozenset(PreferenceType.objects.values_list("key", flat=True))
    known = _Known([each["name"] for each in columns], match, definitions, preferences)
    for position, entry in enumerate(mapping):
        try:
            column = _checked(entry, known)
        except ValidationError as error:
            errors[f"columns.{position}"] = error
            continue
        known.checked[column["index"]] = column
        known.taken.setdefault(column["target"], column["index"])
    if not errors and match not in known.taken:
        label = "an e-mail address" if match == "email" else "an external ID"
        errors["columns"] = ValidationError(
            f"No column is mapped to {match}: contacts are matched by it, so every row needs {label}.",
            code="key_missing",
        )
    if errors:
        raise ValidationError(errors)
    return [known.checked.get(at, {"index": at, "target": None}) for at in range(len(columns))]


def _checked(entry: Entry, known: _Known) -> Options:
    index, target = entry.get("index"), entry.get("target")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(known.names):
        raise ValidationError(
            f"The file has no column {index}: it has {len(known.names)}.", code="unknown_column"
        )
    if index in known.checked:
        raise ValidationError(f"Column {index} is mapped twice.", code="repeated")
    if target is None:
        return {"index": index, "target": None}
    if not isinstance(target, str):
        raise ValidationError(
            "A target is a text, or null to leave the column out.", code="invalid"
        )
    if target in known.taken and target not in ADDING:
        raise ValidationError(
            f"{target} is the target of column {known.taken[target]} already.", code="repeated"
        )
    if _says_yes(target) and is_inverted(known.names[index]):
        raise ValidationError(
            f"“{known.names[index]}” says who wants no mail, so its yes would subscribe them: map it to opted_out "
            "(“Unsubscribed”).",
            code="inverted",
        )
    kept = {"index": index, "target": target} | _options(target, entry, known)
    return kept | _writing(target, entry, known.match) | _leaving_out(target, entry, known.match)


def _says_yes(target: str) -> bool:
    return target == SUBSCRIBED or target.startswith(PREFERENCE)


def _leaving_out(target: str, entry: Entry, match: str) -> Options:
    """Whether a cell that can't be read is left out, instead of failing its line."""
    said = _flag(entry, "leave_out")
    if said and not is_dispensable(target, match):
        what = "finds the contact" if target == match else "says who wants no mail"
        raise ValidationError(f"A column that {what} can't be left out.", code="leave_out")
    return said


def is_dispensable(target: str, match: str) -> bool:
    """Whether a line means the same without its cell: not without its key, nor without what it says of mail."""
    return target not in (match, OPTED_OUT) and not _says_yes(target)


def _options(target: str, entry: Entry, known: _Known) -> Options:
    if target == "tags":
        return _tag_options(entry)
    if target in FURTHER or target == OPTED_OUT:
        return {}
    if target.startswith(CUSTOM):
        return _custom_options(target.removeprefix(CUSTOM), entry, known.definitions)
    if target.startswith(PREFERENCE):
        if target.removeprefix(PREFERENCE) not in known.preferences:
            listed = ", ".join(sorted(known.preferences))
            raise ValidationError(
                f"There is no kind of mail {target.removeprefix(PREFERENCE)} (known: {listed}).",
                code="unknown_target",
            )
        return {}
    if target != "full_name" and target not in attributes():
        raise ValidationError(f"Contacts have no field {target}.", code="unknown_target")
    return _flag(entry, "link") if target == "company_name" else {}


def _tag_options(entry: Entry) -> Options:
    separator = entry.get("separator") or ",;|"
    if not isinstance(separator, str) or not set(separator) <= set(",;|"):
        raise ValidationError("Tags are separated by , ; or |.", code="separator")
    return {"separator": separator}


def _writing(target: str, entry: Entry, match: str) -> Options:
    """What the column does to values that a contact has: nothing is said for what is usual."""
    write = entry.get("write") or OVERWRITE
    if write not in WRITES:
        raise ValidationError(f"write is one of {', '.join(WRITES)}.", code="write")
    kept: Options = {} if write == OVERWRITE else {"write": write}
    kept |= _flag(entry, "erase_blanks")
    if kept and (target in ADDING or target == match):
        what = "finds the contact" if target == match else "only adds"
        raise ValidationError(f"A column that {what} takes no rule for writing.", code="write")
    if "erase_blanks" in kept and not _is_erasable(target):
        raise ValidationError(f"{target} can't be empty.", code="erase_blanks")
    return kept


def _is_erasable(target: str) -> bool:
    attribute = attributes().get(target)
    return attribute.is_nullable if attribute else True


def _flag(entry: Entry, name: str) -> Options:
    value = entry.get(name)
    if value not in (None, True, False):
        raise ValidationError(f"{name} is true or false.", code="invalid")
    return {name: True} if value else {}


def _custom_options(
    key: str, entry: Entry, definitions: Mapping[str, CustomFieldDefinition]
) -> Options:
    KEY(key)
    kind = entry.get("type")
    if key in definitions:
        existing = definitions[key]
        if kind not in (None, existing.type):
            raise ValidationError(f"The field {key} exists with type {existing.type}.", code="type")
        # Kept, so that the run notices when the field has become another one since.
        named: Options = {"type": existing.type}
        return named | _conventions(existing.type, entry) | _choices(existing, entry)
    if kind not in FieldType.values:
        listed = ", ".join(FieldType.values)
        raise ValidationError(
            f"There is no field {key} yet: give its type ({listed}) to make it.",
            code="type_missing",
        )
    named = {"type": kind, "label": str(entry.get("label") or "")[:200]}
    return named | _conventions(str(kind), entry) | _new_choices(str(kind), entry)


def _conventions(kind: str, entry: Entry) -> Options:
    """How the cells of a column are meant where they can be read in two ways."""
    name = CONVENTIONS.get(FieldType(kind), "")
    value = entry.get(name)
    if value is None:
        return {}
    if not isinstance(value, bool):
        raise ValidationError(f"{name} is true or false.", code="invalid")
    return {name: value}


def _choices(definition: CustomFieldDefinition, entry: Entry) -> Options:
    """What values of the file stand for: a choice of the field, one that it gets, or null for none."""
    added = _new_choices(definition.type, entry)
    said = entry.get("choices")
    if not said or definition.type not in WITH_CHOICES:
        return added
    if not isinstance(said, Mapping) or len(said) > MAX_CHOICES:
        raise ValidationError(
            f"choices gives a choice, or null, for each of at most {MAX_CHOICES} values.",
            code="choices",
        )
    known = {None, *definition.choices, *added.get("new_choices", ())}
    for value, choice in said.items():
        if choice not in known:
            raise ValidationError(
                f"{choice} is not one of the choices of {definition.label} (for “{value[:80]}”).",
                code="choices",
            )
    return added | {"choices": dict(said)}


def _new_choices(kind: str, entry: Entry) -> Options:
    """The choices that a field gets; a new one without any gets the values of the column."""
    listed = entry.get("new_choices")
    if kind not in WITH_CHOICES or not listed:
        return {}
    is_fit = isinstance(listed, list) and all(isinstance(each, str) for each in listed)
    if not is_fit or len(listed) > MAX_CHOICES:
        raise ValidationError(
            f"new_choices lists choices that the field gets, {MAX_CHOICES} at most.",
            code="choices",
        )
    return {"new_choices": listed}


@dataclass(frozen=True, slots=True)
class WritingRules:
    """The keys of a patch that contacts who exist keep: all of them, or those that have a value."""

    new_only: list[str]
    fill_only: list[str]


def writing_rules(mapping: Sequence[Entry]) -> WritingRules:
    """The rules of a mapping, by key. What can't be empty is filled in new contacts alone."""
    rules: dict[str, list[str]] = {FILL: [], NEW_ONLY: []}
    for entry in mapping:
        if write := entry.get("write"):
            is_full = not _is_erasable(entry["target"])
            rules[NEW_ONLY if is_full else write] += _keys_of(entry["target"])
    return WritingRules(new_only=rules[NEW_ONLY], fill_only=rules[FILL])


def _keys_of(target: str) -> list[str]:
    several = {
        "email": ["email", "email_key"],
        "full_name": ["first_name", "last_name"],
    }
    return several.get(target, [target])


def erased_by(target: str) -> Options:
    """What a blank cell of a column that erases says."""
    return dict.fromkeys(_keys_of(target))
