"""How a file is written."""

from typing import Any

from django import forms

from imports.forms.offering import offer
from imports.models import ImportJob
from imports.reading.file_format import MAX_DELIMITER, FileFormat

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
        offer(self, "encoding", [(name, ENCODINGS.get(name, name)) for name in known])
        others = [] if found.delimiter in dict(DELIMITERS) else [(found.delimiter,) * 2]
        offer(self, "delimiter", DELIMITERS + others)
        offer(self, "sheet", [(name, name) for name in found.sheets])
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
