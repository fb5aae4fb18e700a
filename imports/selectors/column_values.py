"""The different values of a column, for fields that have choices."""

from collections import Counter
from collections.abc import Mapping

from contacts.cleaning.texts import split_list, trim
from contacts.models import FieldType
from imports.models import ImportJob
from imports.selectors.file_rows import file_rows
from imports.services.mapping_rules import MAX_CHOICES


def column_values(*, job: ImportJob, kinds: Mapping[int, str]) -> dict[int, Counter[str]]:
    """How often each value stands in columns (by index, with the type of their field). Reads the whole file once.

    Of a column with more than MAX_CHOICES different ones, the first MAX_CHOICES + 1 are told.
    """
    found: dict[int, Counter[str]] = {index: Counter() for index in kinds}
    if found:
        for _, cells in file_rows(job=job):
            for index, counter in found.items():
                if index < len(cells) and cells[index]:
                    _count(counter, cells[index], kinds[index])
    return found


def _count(counter: Counter[str], cell: str, kind: str) -> None:
    values = split_list(cell) if kind == FieldType.MULTI_CHOICE else [trim(cell)]
    for value in values:
        if value and (value in counter or len(counter) <= MAX_CHOICES):
            counter[value] += 1
