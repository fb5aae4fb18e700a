"""The forms of the wizard. They check shape; what a file or a mapping has to be is for the services to say."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from contacts.cleaning.errors import CleaningError
from contacts.models import FieldType
from imports.mapping.suggestions import custom_key
from imports.models import ImportJob, ImportMode, Matching
from imports.reading.file_format import MAX_DELIMITER, FileFormat
from imports.selectors.conventions import column_conventions
from imports.selectors.targets import IGNORE, NEW, UNDECIDED, Targets
from imports.services.uploads import proposed_mapping
from tags.names import clean_tag_names

PASTE_LIMIT = 10 * 1024 * 1024
NEW_TYPES = [
    (kind.value, kind.label)
    for kind in FieldType
    if kind not in (FieldType.CHOICE, FieldType.MULTI_CHOICE)
]
SEPARATORS = [
    (",;|", "Comma, semicolon or bar"),
    (",", "Comma"),
    (";", "Semicolon"),
    ("|", "Vertical bar"),
]
DATES = [
    ("", "Only where it is clear, as in 2026-12-31"),
    ("day", "Day first: 31/12/2026"),
    ("month", "Month first: 12/31/2026"),
]
DECIMALS = [("point", "Point: 1,234.5"), ("comma", "Comma: 1.234,5")]
DELIMITERS = [(",", "Comma ,"), (";", "Semicolon ;"), ("\t", "Tab"), ("|", "Vertical bar |")]
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)",
    "cp1252": "Western European (Windows-1252)",
    "iso8859-15": "Western European (ISO 8859-15)",
    "mac-roman": "Western European (Mac)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8-r": "Cyrillic (KOI8-R)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "cp874": "Thai (Windows-874)",
    "cp932": "Japanese (Shift JIS)",
    "euc_jp": "Japanese (EUC)",
    "gb18030": "Chinese, simplified (GB 18030)",
    "big5hkscs": "Chinese, traditional (Big5)",
    "cp949": "Korean (Windows-949)",
}


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
    tags = forms.CharField(required=False, max_length=1000)

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if len(text) > PASTE_LIMIT:
            raise ValidationError(
                "That is too much to paste. Save it as a file and choose the file."
            )
        return text

    def clean_tags(self) -> list[str]:
        try:
            return clean_tag_names(self.cleaned_data["tags"])
        except CleaningError as error:
            raise ValidationError(error.message, code=error.code) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text = cleaned.pop("text", "")
        if cleaned.get("file") or {"file", "text"} & self.errors.keys():
            return cleaned
        if not text.strip():
            raise ValidationError({"file": "Choose a file, or paste its rows."})
        cleaned["file"] = ContentFile(text.encode(errors="replace"), name="pasted.csv")
        return cleaned


def _offer(form: forms.Form, name: str, choices: list[Any]) -> None:
    """Fill a select with what is only known when the form is made."""
    select = form.fields[name]
    if isinstance(select, forms.ChoiceField):
        select.choices = choices


class FormatForm(forms.Form):
    """How the file is written, as it was detected or as its owner knows better. It asks what means something only."""

    sheet = forms.ChoiceField(label="Sheet")
    encoding = forms.ChoiceField(label="Characters")
    delimiter = forms.ChoiceField(label="Cells are separated by")
    other_delimiter = forms.CharField(
        label="Or by", required=False, max_length=MAX_DELIMITER, strip=False
    )
    has_header = forms.TypedChoiceField(
        label="First row",
        choices=[("true", "Names the columns"), ("false", "Is a contact already")],
        coerce=lambda value: value == "true",
    )

    def __init__(self, data: Any = None, *, job: ImportJob) -> None:
        found = FileFormat.from_dict(job.format)
        initial = found.as_dict() | {"has_header": "true" if found.has_header else "false"}
        super().__init__(data, initial=initial)
        known = dict.fromkeys([found.encoding]) | dict.fromkeys(ENCODINGS)
        _offer(self, "encoding", [(name, ENCODINGS.get(name, name)) for name in known])
        others = [] if found.delimiter in dict(DELIMITERS) else [(found.delimiter,) * 2]
        _offer(self, "delimiter", DELIMITERS + others)
        _offer(self, "sheet", [(name, name) for name in found.sheets])
        for name in self._meaningless(found):
            del self.fields[name]

    def _meaningless(self, found: FileFormat) -> list[str]:
        names = [] if found.is_text else ["encoding", "delimiter", "other_delimiter"]
        names += [] if found.sheets else ["sheet"]
        return [*names, "has_header"] if found.kind == "vcard" else names

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        other = cleaned.pop("other_delimiter", "").replace("\\t", "\t")
        return cleaned | {"delimiter": other} if other else cleaned


class MatchForm(forms.Form):
    """How rows find their contacts, and whether they may make or change them."""

    match = forms.ChoiceField(choices=Matching.choices, label="Find a contact by its")
    mode = forms.ChoiceField(choices=ImportMode.choices, label="Then")


class ColumnForm(forms.Form):
    """What one column of a file is mapped to."""

    target = forms.ChoiceField(required=False)
    separator = forms.ChoiceField(required=False, choices=SEPARATORS)
    label = forms.CharField(required=False, max_length=200)
    key = forms.CharField(required=False, max_length=63)
    type = forms.ChoiceField(required=False, choices=NEW_TYPES)
    dates = forms.ChoiceField(required=False, choices=DATES)
    decimals = forms.ChoiceField(required=False, choices=DECIMALS)

    def __init__(
        self,
        data: Any = None,
        *,
        column: Mapping[str, Any],
        targets: Targets,
        initial: Mapping[str, Any] | None = None,
        convention: str = "",
    ) -> None:
        self.column = column
        self.targets = targets
        self.suggested = suggested_values(column, targets, convention)
        values = self.suggested | {"target": UNDECIDED} | dict(initial or {})
        super().__init__(data, prefix=f"column-{column['index']}", initial=values)
        choices = [
            (UNDECIDED, "Choose…"),
            (IGNORE, "Don’t import"),
            *targets.groups,
            ("Something else", [(NEW, "New custom field…")]),
        ]
        _offer(self, "target", choices)
        self.hint = self._hint(targets)

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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "target" not in self.errors and cleaned.get("target") == UNDECIDED:
            raise ValidationError(
                {"target": "Choose what this column holds, or “Don’t import”."}, code="undecided"
            )
        return cleaned

    def entry(self) -> dict[str, Any]:
        """The column as `import_map` takes it."""
        index, chosen = self.column["index"], self.cleaned_data
        target = chosen["target"]
        if target == IGNORE:
            return {"index": index, "target": None}
        if target == NEW:
            key = chosen["key"] or custom_key(chosen["label"] or self.column["name"], index)
            new = {"type": chosen["type"] or "text", "label": chosen["label"]}
            entry = {"index": index, "target": f"custom:{key}"} | new
            return entry | self._meant(new["type"])
        if target == "tags":
            return {"index": index, "target": target, "separator": chosen["separator"] or ",;|"}
        return {"index": index, "target": target} | self._meant(self.targets.types.get(target))

    def _meant(self, kind: str | None) -> dict[str, bool]:
        """How dates and numbers are to be read, where they can be read in two ways."""
        dates, decimals = self.cleaned_data["dates"], self.cleaned_data["decimals"]
        if kind in ("date", "datetime") and dates:
            return {"day_first": dates == "day"}
        return {"decimal_comma": True} if kind == "number" and decimals == "comma" else {}


def suggested_values(
    column: Mapping[str, Any], targets: Targets, convention: str = ""
) -> dict[str, Any]:
    """What accepting the suggestion of a column means, as values of its form."""
    suggestion = column["suggestion"]
    target = suggestion["target"]
    values = {
        "target": target or IGNORE,
        "separator": ",;|",
        "label": column["name"][:200],
        "key": custom_key(column["name"], column["index"]),
        "type": suggestion["type"] or "text",
        "dates": convention if convention in dict(DATES) else "",
        "decimals": convention if convention in dict(DECIMALS) else "point",
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
    values = {name: entry[name] for name in ("separator", "label", "type") if entry.get(name)}
    if "day_first" in entry:
        values["dates"] = "day" if entry["day_first"] else "month"
    if "decimal_comma" in entry:
        values["decimals"] = "comma" if entry["decimal_comma"] else "point"
    if target.startswith("custom:") and target not in targets.labels:
        return values | {"target": NEW, "key": target.removeprefix("custom:")}
    return values | {"target": target}


def column_forms(
    job: ImportJob, targets: Targets, *, mapping: Sequence[Mapping[str, Any]] | None = None
) -> list[ColumnForm]:
    """The columns of an import with what is stored, or with another mapping of the same columns."""
    chosen = job.mapping if mapping is None else mapping
    is_decided = mapping is not None or is_mapped(job)
    entries = {entry["index"]: entry for entry in chosen}
    nothing = {"target": None}
    conventions = column_conventions(job=job)
    return [
        ColumnForm(
            column=column,
            targets=targets,
            initial=stored_values(
                entries.get(column["index"], nothing), targets, is_decided=is_decided
            ),
            convention=conventions.get(column["index"], ""),
        )
        for column in job.columns
    ]


def is_mapped(job: ImportJob) -> bool:
    """Whether somebody has decided on the columns: a fresh upload has but the proposal."""
    return job.status != "draft" or job.mapping != proposed_mapping(job.columns)


def posted_forms(data: Any, job: ImportJob, targets: Targets) -> list[ColumnForm]:
    return [ColumnForm(data, column=column, targets=targets) for column in job.columns]


def adjusted_forms(data: Any, job: ImportJob, targets: Targets) -> list[ColumnForm]:
    """The posted columns with one suggestion accepted, all of them, or the undecided left out; nothing is checked."""
    accepted = data.get("accept", "")
    conventions = column_conventions(job=job)
    forms_ = []
    for form in posted_forms(data, job, targets):
        values = {name: form[name].value() for name in form.fields}
        is_undecided = (values["target"] or UNDECIDED) == UNDECIDED
        if str(form.column["index"]) == accepted or (accepted == "all" and is_undecided):
            convention = conventions.get(form.column["index"], "")
            values = suggested_values(form.column, targets, convention)
        elif accepted == "none" and is_undecided:
            values["target"] = IGNORE
        forms_.append(ColumnForm(column=form.column, targets=targets, initial=values))
    return forms_


def upload_limits() -> dict[str, int]:
    """What a file may have at most, to be told before it is chosen."""
    return {
        "megabytes": settings.IMPORT_MAX_BYTES // 1024**2,
        "unpacked_megabytes": settings.IMPORT_MAX_UNPACKED_BYTES // 1024**2,
        "rows": settings.IMPORT_MAX_ROWS,
        "columns": settings.IMPORT_MAX_COLUMNS,
        "cell_characters": settings.IMPORT_MAX_CELL_CHARACTERS,
    }
