"""What each column of a file is mapped to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.formats import date_format

from contacts.models import FieldType
from contacts.services.custom_fields import WITH_CHOICES
from imports.forms.offering import offer
from imports.mapping.suggestions import custom_key
from imports.models import ImportJob
from imports.selectors.conventions import DATES, Convention, meanings, stored_conventions
from imports.selectors.targets import IGNORE, NEW, UNDECIDED, Targets
from imports.services.describing import proposed_mapping
from imports.services.mapping_rules import ADDING, FILL, NEW_ONLY, OVERWRITE
from imports.services.questions import Question

SEPARATORS = [
    (",;|", "Comma, semicolon or bar"),
    (",", "Comma"),
    (";", "Semicolon"),
    ("|", "Vertical bar"),
]
ORDERS_OF_DATES = [
    ("", "As the whole column shows"),
    ("day", "Day first: 31/12/2026"),
    ("month", "Month first: 12/31/2026"),
    ("clear", "Only where it is clear, as in 2026-12-31"),
]
DECIMALS = [
    ("", "As the whole column shows"),
    ("point", "Point: 1,234.5"),
    ("comma", "Comma: 1.234,5"),
]
WRITING = [
    (OVERWRITE, "Overwrite it"),
    (FILL, "Keep it: fill in only what is blank"),
    (NEW_ONLY, "Leave these contacts alone: new ones only"),
]
# From here on a suggestion is more than a likeness.
SURE_ENOUGH = 0.75
# What a value of the file can stand for, besides a choice of the field.
LEFT_BLANK, ADDED = "-", "+"


@dataclass(frozen=True, slots=True)
class AskedValue:
    """A value of the file that is none of a field's choices, in how many rows, and what it is said to stand for."""

    number: int
    value: str
    count: int | None
    choice: str


class ColumnForm(forms.Form):
    """What one column of a file is mapped to."""

    target = forms.ChoiceField(required=False)
    separator = forms.ChoiceField(required=False, choices=SEPARATORS)
    label = forms.CharField(required=False, max_length=200)
    key = forms.CharField(required=False, max_length=63)
    type = forms.ChoiceField(required=False, choices=FieldType.choices)
    dates = forms.ChoiceField(required=False, choices=ORDERS_OF_DATES)
    decimals = forms.ChoiceField(required=False, choices=DECIMALS)
    write = forms.ChoiceField(required=False, choices=WRITING)
    erase_blanks = forms.BooleanField(required=False)
    leave_out = forms.BooleanField(required=False)
    link = forms.BooleanField(required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        column: Mapping[str, Any],
        targets: Targets,
        initial: Mapping[str, Any] | None = None,
        convention: Convention | None = None,
        choices: Mapping[str, str] | None = None,
    ) -> None:
        self.column = column
        self.targets = targets
        self.convention = convention
        self.suggested = suggested_values(column, targets, convention)
        values = self.suggested | {"target": UNDECIDED} | dict(initial or {})
        super().__init__(data, prefix=f"column-{column['index']}", initial=values)
        offer(self, "target", self._target_choices(targets))
        self.hint = self._hint(targets)
        said = _posted_choices(data, str(self.prefix)) if data is not None else choices or {}
        self.values = [AskedValue(n, *each) for n, each in enumerate(_uncounted(said))]

    def _target_choices(self, targets: Targets) -> list[Any]:
        return [
            (UNDECIDED, "Choose…"),
            (IGNORE, "Don’t import"),
            *targets.groups,
            ("Something else", [(NEW, "New custom field…")]),
        ]

    def _hint(self, targets: Targets) -> str:
        """What the column looks like, for one that nobody has decided on."""
        wanted = self.suggested["target"]
        if wanted == NEW:
            return f"a new custom field “{self.suggested['label']}”"
        return targets.labels.get(wanted, "")

    @property
    def certainty(self) -> str:
        """The confidence of the suggestion in words."""
        suggestion = self.column["suggestion"]
        if suggestion["target"] is None or suggestion["target"].startswith("custom:"):
            return ""
        steps = ((0.95, "Sure"), (0.75, "Very likely"), (0.55, "Likely"))
        confidence = suggestion["confidence"]
        return next((word for least, word in steps if confidence >= least), "Perhaps")

    @property
    def current_target(self) -> str:
        return self["target"].value() or UNDECIDED

    @property
    def is_as_suggested(self) -> bool:
        return bool(self.current_target) and self.current_target == self.suggested["target"]

    @property
    def reason(self) -> str:
        """Why that is suggested."""
        if self.suggested["target"] in self.targets.types:
            return "It has the name of a custom field."
        return str(self.column["suggestion"]["reason"])

    @property
    def is_guess(self) -> bool:
        """Whether the suggestion is only a likeness, which nobody accepts together with others."""
        target = self.suggested["target"]
        is_known = target in (NEW, IGNORE) or target in self.targets.types
        return not is_known and self.column["suggestion"]["confidence"] < SURE_ENOUGH

    @property
    def has_options(self) -> bool:
        """Whether something unusual is chosen, so that it is to be seen at once."""
        is_usual = self["write"].value() in (None, "", OVERWRITE)
        return not is_usual or any(self[name].value() for name in ("erase_blanks", "leave_out"))

    @property
    def field_choices(self) -> Sequence[str]:
        return self.targets.choices.get(self.current_target, ())

    @property
    def doubts(self) -> list[str]:
        """Cells of the column that can be read in two ways, each with what it would be."""
        if self.convention is None or not self.convention.is_open:
            return []
        return [_in_both_ways(cell, self.convention.ways) for cell in self.convention.open_cells]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "target" not in self.errors and cleaned.get("target") == UNDECIDED:
            raise ValidationError(
                {"target": "Choose what this column holds, or “Don’t import”."}, code="undecided"
            )
        return cleaned

    def ask(self, question: Question) -> None:
        """Refuse the column until what is open is answered."""
        said = {each.value: each.choice for each in self.values}
        if question.convention and not self._is_answered():
            self.convention = question.convention
            self.add_error("target", "Say how this column is written: its values don’t tell.")
        if question.values:
            asked = [(value, count, said.pop(value, "")) for value, count in question.values]
            rows = [*asked, *_uncounted(said)]
            self.values = [AskedValue(n, *each) for n, each in enumerate(rows)]
            if any(not each.choice for each in self.values):
                message = "Some values are none of the field’s choices: say what each stands for."
                self.add_error("target", message)

    def _is_answered(self) -> bool:
        return bool(self.cleaned_data["dates"] or self.cleaned_data["decimals"])

    def entry(self) -> dict[str, Any]:
        """The column as `import_map` takes it."""
        index, chosen = self.column["index"], self.cleaned_data
        target = chosen["target"]
        if target == IGNORE:
            return {"index": index, "target": None}
        entry = {"index": index, "target": target} | self._written(target)
        if chosen["leave_out"]:
            entry["leave_out"] = True
        if target == NEW:
            key = chosen["key"] or custom_key(chosen["label"] or self.column["name"], index)
            kind = chosen["type"] or "text"
            new = {"target": f"custom:{key}", "type": kind, "label": chosen["label"]}
            return entry | new | self._meant(kind)
        if target == "tags":
            return entry | {"separator": chosen["separator"] or ",;|"}
        if target == "company_name":
            return entry | ({"link": True} if chosen["link"] else {})
        return entry | self._meant(self.targets.types.get(target))

    def _written(self, target: str) -> dict[str, Any]:
        """What becomes of values that a contact has; columns that only add have no say."""
        if target in ADDING:
            return {}
        write = self.cleaned_data["write"]
        rules: dict[str, Any] = {"write": write} if write not in ("", OVERWRITE) else {}
        return rules | ({"erase_blanks": True} if self.cleaned_data["erase_blanks"] else {})

    def _meant(self, kind: str | None) -> dict[str, Any]:
        """How cells are to be read, where they can be read in two ways."""
        dates, decimals = self.cleaned_data["dates"], self.cleaned_data["decimals"]
        if kind in ("date", "datetime") and dates in DATES:
            return {"day_first": dates == "day"}
        if kind == "number" and decimals:
            return {"decimal_comma": decimals == "comma"}
        return self._chosen() if kind in WITH_CHOICES else {}

    def _chosen(self) -> dict[str, Any]:
        decided = {each.value: each.choice for each in self.values if each.choice}
        added = [value for value, choice in decided.items() if choice == ADDED]
        meant = {
            value: None if choice == LEFT_BLANK else value if choice == ADDED else choice
            for value, choice in decided.items()
        }
        entry: dict[str, Any] = {"choices": meant} if meant else {}
        return entry | ({"new_choices": added} if added else {})


def _posted_choices(data: Any, prefix: str) -> dict[str, str]:
    said, number = {}, 0
    while (value := data.get(f"{prefix}-value-{number}")) is not None:
        said[value] = data.get(f"{prefix}-choice-{number}", "")
        number += 1
    return said


def _uncounted(said: Mapping[str, str]) -> list[tuple[str, None, str]]:
    return [(value, None, choice) for value, choice in said.items()]


def _in_both_ways(cell: str, ways: tuple[str, str]) -> str:
    first, second = meanings(cell, ways)
    return f"“{cell}” is {_said(first)} or {_said(second)}"


def _said(value: Any) -> str:
    day = parse_date(value) if isinstance(value, str) else None
    return date_format(day, "j F Y") if day else f"{value:,}" if value is not None else "nothing"


def suggested_values(
    column: Mapping[str, Any], targets: Targets, convention: Convention | None = None
) -> dict[str, Any]:
    """What accepting the suggestion of a column means, as values of its form."""
    suggestion = column["suggestion"]
    target = suggestion["target"]
    says = convention.says if convention else ""
    values = {
        "target": target or IGNORE,
        "separator": ",;|",
        "label": column["name"][:200],
        "key": custom_key(column["name"], column["index"]),
        "type": suggestion["type"] or "text",
        "dates": says if says in dict(ORDERS_OF_DATES) else "",
        "decimals": says if says in dict(DECIMALS) else "",
        "write": OVERWRITE,
    }
    if target and target.startswith("custom:"):
        values["key"] = target.removeprefix("custom:")
        values["target"] = target if target in targets.labels else NEW
    return values


def stored_values(
    entry: Mapping[str, Any], targets: Targets, *, is_decided: bool
) -> dict[str, Any]:
    """A column of a stored mapping as values of its form."""
    target = entry["target"]
    if target is None:
        return {"target": IGNORE if is_decided else UNDECIDED}
    named = ("separator", "label", "type", "write", "erase_blanks", "leave_out", "link")
    values = {name: entry[name] for name in named if entry.get(name)}
    if "day_first" in entry:
        values["dates"] = "day" if entry["day_first"] else "month"
    if "decimal_comma" in entry:
        values["decimals"] = "comma" if entry["decimal_comma"] else "point"
    if target.startswith("custom:") and target not in targets.labels:
        return values | {"target": NEW, "key": target.removeprefix("custom:")}
    return values | {"target": target}


def stored_choices(entry: Mapping[str, Any]) -> dict[str, str]:
    """What values of a stored mapping stand for, as the form has it."""
    added = entry.get("new_choices", ())
    return {
        value: LEFT_BLANK if choice is None else ADDED if choice in added else choice
        for value, choice in entry.get("choices", {}).items()
    }


def column_forms(
    job: ImportJob, targets: Targets, *, mapping: Sequence[Mapping[str, Any]] | None = None
) -> list[ColumnForm]:
    """The columns of an import with what is stored, or with another mapping of the same columns."""
    chosen = job.mapping if mapping is None else mapping
    is_decided = mapping is not None or is_mapped(job)
    entries = {entry["index"]: entry for entry in chosen}
    nothing = {"target": None}
    conventions = stored_conventions(job.columns)
    return [
        ColumnForm(
            column=column,
            targets=targets,
            initial=stored_values(
                entries.get(column["index"], nothing),
                targets,
                is_decided=is_decided or _is_left_out_for_sure(column),
            ),
            convention=conventions.get(column["index"]),
            choices=stored_choices(entries.get(column["index"], nothing)),
        )
        for column in job.columns
    ]


def _is_left_out_for_sure(column: Mapping[str, Any]) -> bool:
    suggestion = column["suggestion"]
    return suggestion["target"] is None and suggestion["accepted"]


def is_mapped(job: ImportJob) -> bool:
    """Whether somebody has decided on the columns: a fresh upload has but the proposal."""
    return job.status != "draft" or job.mapping != proposed_mapping(job.columns)


def posted_forms(data: Any, job: ImportJob, targets: Targets) -> list[ColumnForm]:
    conventions = stored_conventions(job.columns)
    return [
        ColumnForm(
            data, column=column, targets=targets, convention=conventions.get(column["index"])
        )
        for column in job.columns
    ]


def adjusted_forms(data: Any, job: ImportJob, targets: Targets) -> list[ColumnForm]:
    """The posted columns with one suggestion accepted, all of them, or the undecided left out; nothing is checked."""
    return [_adjusted(form, data, targets) for form in posted_forms(data, job, targets)]


def _adjusted(form: ColumnForm, data: Any, targets: Targets) -> ColumnForm:
    accepted = data.get("accept", "")
    values = {name: form[name].value() for name in form.fields}
    is_undecided = (values["target"] or UNDECIDED) == UNDECIDED
    is_for_all = accepted == "all" and is_undecided and not form.is_guess
    if str(form.column["index"]) == accepted or is_for_all:
        values = form.suggested
    elif accepted == "none" and is_undecided:
        values["target"] = IGNORE
    return ColumnForm(
        column=form.column,
        targets=targets,
        initial=values,
        convention=form.convention,
        choices={each.value: each.choice for each in form.values},
    )
