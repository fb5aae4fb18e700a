import json
import time
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.actors import Actor
from contacts.models import Door
from imports.models import ImportJob, ImportMode, ImportStatus, Matching
from imports.services.control import import_start, import_validate
from imports.services.uploads import import_create, import_map
from organizations.management.organization_argument import add_organization, organization_of
from organizations.scope import organization_scope

ACTOR = Actor(door=Door.COMMAND)
POLL_SECONDS = 0.5


class Command(BaseCommand):
    help = "Import a file of people through the workers; prints the job as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        add_organization(parser)
        parser.add_argument(
            "--mapping", type=Path, help='JSON: {"columns": [{"index": 0, "target": "email"}, …]}'
        )
        parser.add_argument("--match", choices=Matching.values, default=Matching.EMAIL)
        parser.add_argument("--mode", choices=ImportMode.values, default=ImportMode.UPSERT)
        parser.add_argument("--batch-size", type=int, default=1000)
        parser.add_argument("--wait", action="store_true", help="until the import has ended")

    def handle(self, *args: Any, **options: Any) -> None:
        with organization_scope(organization_of(options["organization"])):
            try:
                job = self._map(self._create(options), options["mapping"])
            except ValidationError as error:
                raise CommandError("; ".join(error.messages)) from error
            job = self._run(job, options["wait"])
            self.stdout.write(json.dumps(_described(job)))

    def _create(self, options: dict[str, Any]) -> ImportJob:
        try:
            with options["file"].open("rb") as file:
                return import_create(
                    file=File(file, name=options["file"].name),
                    actor=ACTOR,
                    match=options["match"],
                    mode=options["mode"],
                    batch_size=options["batch_size"],
                )
        except OSError as error:
            raise CommandError(f"{options['file']} can't be read: {error.strerror}.") from error

    def _map(self, job: ImportJob, path: Path | None) -> ImportJob:
        """Map the columns, once they are known: a worker reads a large workbook."""
        self._await(job, ImportStatus.READING)
        if job.status == ImportStatus.FAILED:
            raise CommandError(job.error)
        return import_map(job=job, columns=_mapping(path) if path else job.mapping)

    def _run(self, job: ImportJob, wait: bool) -> ImportJob:
        """Check, wait for the check, start. Only the last step is not waited for without --wait."""
        import_validate(job=job)
        self._await(job, ImportStatus.VALIDATING)
        if job.status != ImportStatus.VALIDATED:
            raise CommandError(f"The check failed: {job.error}")
        import_start(job=job, actor=ACTOR)
        if wait:
            self._await(job, ImportStatus.RUNNING)
        job.refresh_from_db()
        return job

    def _await(self, job: ImportJob, status: ImportStatus) -> None:
        while True:
            job.refresh_from_db()
            if job.status != status:
                return
            time.sleep(POLL_SECONDS)


def _mapping(path: Path) -> list[dict[str, Any]]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} is no mapping: {error}.") from error
    columns = document.get("columns") if isinstance(document, dict) else document
    if not isinstance(columns, list) or not all(isinstance(column, dict) for column in columns):
        raise CommandError(
            f'{path} is no mapping: {{"columns": [{{"index": 0, "target": "email"}}]}} is one.'
        )
    return columns


def _described(job: ImportJob) -> dict[str, Any]:
    return {
        "id": job.pk,
        "status": job.status,
        "validation_status": job.validation_status,
        "total_records": job.total_records,
        "processed_records": job.processed_records,
        "counts": job.counts,
        "operation": job.operation_id,
        "error": job.error,
    }
