"""What an import will do, before it does it: the figures, and some lines of each kind with their effect."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contacts.services.writing import contacts_plan
from imports.models import ImportJob, KeptRecord, Outcome
from imports.services.batches import NUMBERED, record_batch
from tags.models import Tag
from tags.selectors.tagged import tags_of

SAMPLES = 5
COMPANY = "related:company:"
# What a target is called among the keys that it gives. (Two columns make one name: it stands where the first does.)
_KEYS = {
    "full_name": "first_name",
    "further_email": "identifier:email",
    "further_phone": "identifier:phone",
}
_PLANNED = "select p.row_number, p.contact_id, p.old, p.new from plan p"


@dataclass(frozen=True, slots=True)
class Sample:
    """A line and what would become of it; `changes` has {"before": …, "after": …} by field."""

    row_number: int
    line_number: int
    raw: list[str]
    contact_id: int | None
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Preview:
    """How many lines will end in each bucket (all seven are there), and some lines of those that aren't empty."""

    counts: dict[str, int]
    samples: dict[str, list[Sample]]


@dataclass(frozen=True, slots=True)
class _Effect:
    contact_id: int | None
    old: dict[str, Any]
    new: dict[str, Any]


def full_counts(counts: dict[str, int]) -> dict[str, int]:
    """Counts with all seven buckets, in their order."""
    return {str(outcome): counts.get(outcome, 0) for outcome in Outcome.values}


def import_preview(*, job: ImportJob) -> Preview:
    """The predicted counts of a checked import and samples of each bucket. A constant number of queries.

    The values before are those of the living contacts now, which are neither locked nor changed.
    """
    counts = full_counts(job.predicted_counts)
    records = _sampled(job, counts)
    effects = _effects(job, records)
    tags, places = _TagChanges(job, effects), _places(job)
    samples: dict[str, list[Sample]] = {name: [] for name, count in counts.items() if count}
    for record in records:
        sample = _sample(record, effects.get(record.row_number), tags, places)
        samples[record.predicted].append(sample)
    return Preview(counts, samples)


def _sampled(job: ImportJob, counts: dict[str, int]) -> list[KeptRecord]:
    """The first lines of each bucket, in one query."""
    records = KeptRecord.objects.filter(import_job=job).order_by("row_number")
    parts = [
        records.filter(predicted=name)[: min(SAMPLES, count)]
        for name, count in counts.items()
        if count
    ]
    return sorted(parts[0].union(*parts[1:], all=True), key=_row_number) if parts else []


def _row_number(record: KeptRecord) -> int:
    return record.row_number


def _effects(job: ImportJob, records: Sequence[KeptRecord]) -> dict[int, _Effect]:
    """What the run would write for each valid line, from the very plan that it follows."""
    rows = [record.row_number for record in records if record.is_valid]
    if not rows:
        return {}
    batch = record_batch(
        job=job,
        after=rows[0] - 1,
        last=rows[-1],
        is_write=False,
        only=NUMBERED,
        row_numbers=rows,
    )
    planned = contacts_plan(batch=batch, sink=_PLANNED)
    return {
        number: _Effect(contact_id, json.loads(old), json.loads(new))
        for number, contact_id, old, new in planned
    }


def _places(job: ImportJob) -> dict[str, int]:
    """Where the column of a key stands in the file, by key or by the beginning of those that a column gives."""
    targets = [entry["target"] for entry in job.mapping if entry["target"]]
    return {_KEYS.get(target, target): place for place, target in enumerate(targets)}


def _place(key: str, places: Mapping[str, int]) -> int:
    """Keys that no column gives, such as what holds for the whole file, come last."""
    beginning = key.rpartition(":")[0] if key.startswith("identifier:") else key
    beginning = "first_name" if key == "last_name" and key not in places else beginning
    return places.get(key, places.get(beginning, len(places)))


def _sample(
    record: KeptRecord,
    effect: _Effect | None,
    tags: "_TagChanges",
    places: Mapping[str, int],
) -> Sample:
    changes = _changes(record, effect) | tags.of(record, effect) if effect else {}
    return Sample(
        row_number=record.row_number,
        line_number=record.line_number,
        raw=record.raw,
        contact_id=effect.contact_id if effect else record.contact_id,
        changes=dict(sorted(changes.items(), key=lambda change: _place(change[0], places))),
        errors=record.errors or [],
    )


def _changes(record: KeptRecord, effect: _Effect) -> dict[str, dict[str, Any]]:
    changes = {
        key: {"before": effect.old.get(key), "after": value}
        for key, value in effect.new.items()
        if key != "email_key" and not key.startswith(("tag:", COMPANY))
    }
    if any(key.startswith(COMPANY) for key in effect.new):
        # The company may have no id yet.
        changes[COMPANY[:-1]] = {"before": None, "after": record.cleaned.get("company_name")}
    return changes


class _TagChanges:
    """Tags before and after, by name: a new tag has no id yet. Two queries for all samples."""

    def __init__(self, job: ImportJob, effects: dict[int, _Effect]) -> None:
        self.names = dict(job.options.get("tag_names", {}))
        known = list(Tag.objects.filter(name_key__in=self.names))
        self.ids = {tag.pk: tag.name for tag in known}
        self.keys = {tag.name_key for tag in known}
        self.before = tags_of([each.contact_id for each in effects.values() if each.contact_id])

    def of(self, record: KeptRecord, effect: _Effect) -> dict[str, dict[str, Any]]:
        added = [self.ids.get(int(key[4:])) for key in effect.new if key.startswith("tag:")]
        if not added:
            return {}
        new = [self.names[key] for key in record.cleaned.get("tags", []) if key not in self.keys]
        before = [tag.name for tag in self.before.get(effect.contact_id or 0, [])]
        after = before + [name for name in added if name] + new
        return {"tags": {"before": before, "after": after}}
