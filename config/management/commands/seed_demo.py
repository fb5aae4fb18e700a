import time
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand

from config.demo.history import demo_history_make
from contacts.actors import Actor
from contacts.models import ChangeType, Contact, ContactHistory, Door
from contacts.services.engagement_summary import engagement_summary_refresh
from imports.models import ImportJob, ImportStatus
from imports.services.control import import_start, import_validate
from imports.services.uploads import import_create, import_map
from organizations.models import Organization, User
from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.services.organizations import member_add, organization_create
from segments.models import Segment
from segments.services.segments import segment_create

SLUG = "demo"
PASSWORD = "kith-demo"
SAMPLE = Path(__file__).resolve().parent.parent.parent / "demo" / "people.csv"
PATIENCE_SECONDS = 60


class Command(BaseCommand):
    help = "Make the demo organization: a user of each role, a file imported by the workers, and what its people did."

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=SLUG).first()
        if organization is None:
            organization = organization_create(
                name="Demo", slug=SLUG, timezone="Europe/Oslo", country="NO"
            )
        owner = _users(organization)
        with organization_scope(organization):
            if not ImportJob.objects.exists():
                _import(owner)
            has_history = _history(owner)
            if not Segment.objects.exists():
                _segments(owner)
        if has_history:
            # So that the home page shows it before the schedule comes to it.
            engagement_summary_refresh()
        self.stdout.write(f"Log in as {owner.email} with the password {PASSWORD}")
        self.stdout.write(
            "(also admin@, marketer@ and viewer@demo.example, with the same password)"
        )


def _users(organization: Organization) -> User:
    """A user of each role; those who exist keep their passwords. Returns the owner."""
    with organization_scope(organization):
        for role in Role:
            email = f"{role}@demo.example"
            user = User.objects.filter(email=email).first()
            if user is None:
                user = User.objects.create_user(email, PASSWORD, name=f"Demo {role.label.lower()}")
                member_add(user=user, role=role)
    return User.objects.get(email=f"{Role.OWNER}@demo.example")


def _import(owner: User) -> None:
    actor = Actor(door=Door.COMMAND, user=owner)
    with SAMPLE.open("rb") as file:
        job = import_create(file=File(file, name=SAMPLE.name), actor=actor)
    import_map(job=job, columns=[_accepted(column) for column in job.columns])
    import_validate(job=job)
    if _await(job, ImportStatus.VALIDATING) == ImportStatus.VALIDATED:
        import_start(job=job, actor=actor)
        _await(job, ImportStatus.RUNNING)


def _history(owner: User) -> bool:
    """Let those whom the sample made have done something, once they are all there; True when it was recorded now."""
    job = ImportJob.objects.filter(file_name=SAMPLE.name).order_by("pk").first()
    if job is None or _await(job, ImportStatus.RUNNING) == ImportStatus.RUNNING:
        return False
    made = ContactHistory.objects.filter(
        operation=job.operation, change_type=ChangeType.CREATED
    ).values("contact_id")
    people = Contact.objects.filter(pk__in=made).order_by("pk")
    return demo_history_make(people=people, actor=Actor(door=Door.COMMAND, user=owner))


def _segments(owner: User) -> None:
    """Some segments to look at: a plain one, and those that time and events change too."""
    new = {"type": "attribute", "field": "created_at", "operator": "in_last", "value": "30d"}
    subscribed = {
        "type": "attribute",
        "field": "is_subscribed",
        "operator": "equals",
        "value": True,
    }
    segment_create(name="Newcomers", rules=new, user=owner)
    segment_create(name="Subscribed newcomers", rules={"all": [subscribed, new]}, user=owner)
    reads = {"type": "event", "event_type": "email_opened", "within": {"last": "30d"}}
    segment_create(name="Opened a mail in the last 30 days", rules=reads, user=owner)


def _accepted(column: dict[str, Any]) -> dict[str, Any]:
    suggestion = column["suggestion"]
    return {"index": column["index"], "target": suggestion["target"], "type": suggestion["type"]}


def _await(job: ImportJob, status: ImportStatus) -> str:
    """Wait until workers have brought the import past a status; give up quietly when there are none."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        job.refresh_from_db()
        if job.status != status:
            break
        time.sleep(0.2)
    return job.status
