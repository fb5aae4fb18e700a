"""What members are told when something that they waited for has come to its end."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config.schedule import periodic_tasks
from contacts.actors import Actor
from contacts.models import ContactOperation, Door
from contacts.services.undo import operation_undo
from imports.jobs import run_import
from imports.models import ImportJob
from imports.services import validation
from imports.services.control import import_start, import_undo
from organizations.models import Notice, Organization, OrganizationMembership, User
from organizations.redis import redis_connection
from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.services.kept_notices import notices_purge
from organizations.services.notices import (
    mail_wanted_set,
    notice_give,
    notice_mail,
    notices_read,
    notices_sweep,
)
from tests.factories import checked, make_import, make_organization, make_user
from tests.mail import Mailbox
from tests.screens import Screens
from tests.work import run_queued_jobs


def give(user: Any, **values: Any) -> Any:
    return notice_give(user=user, **{"title": "Done", "link": "/imports/1/"} | values)


def test_a_notice_is_mailed_once(organization: Organization, mailbox: Mailbox) -> None:
    user = make_user(organization)
    notice = give(user, text="12 created.")
    for _ in range(2):
        notice_mail(notice_id=notice.pk)
    (message,) = mailbox.messages
    assert (message["To"], message["Subject"]) == (user.email, "Done")
    assert "12 created." in mailbox.text()
    assert f"/o/{organization.slug}/imports/1/" in mailbox.text()


def test_nobody_is_mailed_who_wants_none(organization: Organization, mailbox: Mailbox) -> None:
    user = make_user(organization)
    mail_wanted_set(user=user, is_wanted=False)
    notice_mail(notice_id=give(user).pk)
    assert mailbox.messages == []
    assert Notice.objects.count() == 1


def test_who_has_left_gets_no_mail(organization: Organization, mailbox: Mailbox) -> None:
    """What waits for the mail server is not sent to who left, was locked out, or wants none since."""
    gone, locked, silent = (make_user(organization) for _ in range(3))
    notices = [give(user) for user in (gone, locked, silent)]
    OrganizationMembership.objects.filter(user=gone).delete()
    User.objects.filter(pk=locked.pk).update(is_active=False)
    mail_wanted_set(user=silent, is_wanted=False)
    for notice in notices:
        notice_mail(notice_id=notice.pk)
    assert mailbox.messages == []
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_a_name_with_line_breaks_is_mailed(organization: Organization, mailbox: Mailbox) -> None:
    notice = give(make_user(organization), title="“a\nb.csv” is imported")
    notice_mail(notice_id=notice.pk)
    assert [message["Subject"] for message in mailbox.messages] == ["“a b.csv” is imported"]


def test_programs_are_not_told(organization: Organization) -> None:
    assert give(None) is None
    assert not Notice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_crash_left_is_mailed_later(mailbox: Mailbox) -> None:
    organization = make_organization()
    with organization_scope(organization):
        late, stale = give(make_user(organization)), give(make_user(organization))
    run_queued_jobs()
    mailbox.messages.clear()
    now = timezone.now()
    rows = Notice.unscoped
    rows.filter(pk=late.pk).update(mailed_at=None, created_at=now - timedelta(minutes=3))
    rows.filter(pk=stale.pk).update(mailed_at=None, created_at=now - timedelta(days=2))
    assert notices_sweep() == 1
    run_queued_jobs()
    assert [message["To"] for message in mailbox.messages] == [late.user.email]


def test_late_mail_is_queued_again_later_and_later(organization: Organization) -> None:
    late = give(make_user(organization))
    Notice.objects.update(created_at=timezone.now() - timedelta(minutes=3))
    assert [notices_sweep() for _ in range(3)] == [1, 0, 0]
    (key,) = redis_connection().scan_iter("notice-queued:*")
    assert 170 < redis_connection().ttl(key) <= 180
    redis_connection().delete(key)
    assert notices_sweep() == 1
    assert late.mailed_at is None


class TestImports:
    def run(self, organization: Organization, user: Any, text: str) -> ImportJob:
        actor = Actor(door=Door.SCREEN, user=user)
        columns = [{"index": 0, "target": "email"}]
        job = checked(make_import(organization, text, columns=columns, actor=actor))
        job = import_start(job=job, actor=actor)
        run_import(organization_id=organization.pk, import_id=job.pk)
        job.refresh_from_db()
        return job

    def test_who_started_it_is_told_how_it_ended(self, organization: Organization) -> None:
        user = make_user(organization)
        job = self.run(organization, user, "email\na@x.org\nbad\n")
        notice = Notice.objects.get()
        assert notice.user == user
        assert notice.title == "“people.csv” is imported, but some rows failed"
        assert notice.text.startswith("1 created, 1 failed. The rows that failed")
        assert notice.link == f"/imports/{job.pk}/"

    @pytest.mark.django_db(transaction=True)
    def test_who_undid_it_is_told(self) -> None:
        organization = make_organization()
        starter, other = make_user(organization), make_user(organization)
        with organization_scope(organization):
            job = self.run(organization, starter, "email\na@x.org\n")
            import_undo(job=job, actor=Actor(door=Door.SCREEN, user=other))
            run_queued_jobs()
            notice = Notice.objects.get(user=other)
            redo = ContactOperation.objects.latest("pk")
            operation_undo(operation=redo, actor=Actor(door=Door.SCREEN, user=other))
            run_queued_jobs()
            again = Notice.objects.filter(user=other).latest("pk")
        assert notice.title == "The import of “people.csv” is undone"
        assert notice.text == "1 taken back."
        assert again.title == "The import of “people.csv” is put back"
        assert again.text == "1 put back."

    def test_who_waits_for_a_check_is_told_that_it_stopped(
        self, organization: Organization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(validation, "MAX_TAGS", 1)
        user = make_user(organization)
        columns = [
            {"index": 0, "target": "email"},
            {"index": 1, "target": "tags", "separator": ","},
        ]
        actor = Actor(door=Door.SCREEN, user=user)
        text = 'email,tags\na@x.org,"A,B"\n'
        job = checked(make_import(organization, text, columns=columns, actor=actor))
        notice = Notice.objects.get(user=user)
        assert (job.status, notice.tone, notice.text) == ("failed", "bad", job.error)

    def test_looking_at_the_import_is_reading_it(self, organization: Organization) -> None:
        screens, other = Screens(organization), Screens(organization)
        job = self.run(organization, screens.user, "email\na@x.org\n")
        give(screens.user, link="/imports/0/")
        for reader, path, unread in (
            (screens, "imports/", 2),
            (other, f"imports/{job.pk}/", 2),
            (screens, f"imports/{job.pk}/", 1),
        ):
            reader.get(path)
            assert Notice.objects.filter(read_at=None).count() == unread

    @pytest.mark.django_db(transaction=True)
    def test_what_is_imported_at_once_is_told_with_a_link_that_leads_there(
        self, settings: Any
    ) -> None:
        settings.IMPORT_SYNC_BYTES = 1000
        organization = make_organization()
        screens = Screens(organization)
        actor = Actor(door=Door.SCREEN, user=screens.user)
        job = checked(make_import(organization, "email\na@x.org\n", actor=actor))
        screens.post(f"imports/{job.pk}/start/")
        with organization_scope(organization):
            assert Notice.objects.get().link == f"/imports/{job.pk}/"


class TestScreen:
    def test_unread_ones_are_counted_and_marked(self, organization: Organization) -> None:
        screens = Screens(organization, role=Role.VIEWER)
        assert b"Nothing to tell yet" in screens.get("notices/").content
        for _ in range(11):
            give(screens.user)
        give(make_user(organization), title="Not yours")
        page = screens.get("notices/").content.decode()
        assert '<span class="k-badge">9+' in page
        assert "Not yours" not in page
        until = Notice.objects.filter(user=screens.user).latest("pk").pk
        assert f'name="until" value="{until}"' in page
        since = give(screens.user, title="Since")
        screens.post("notices/read/", {"until": str(until)})
        since.refresh_from_db()
        assert since.read_at is None, "nobody has seen it"
        screens.post("notices/read/")
        assert '<span class="k-badge">' not in screens.get("notices/").content.decode()
        assert Notice.objects.filter(read_at=None).count() == 1

    def test_other_organizations_notices_are_not_there(self, organization: Organization) -> None:
        screens = Screens(organization)
        elsewhere = make_organization()
        with organization_scope(elsewhere):
            give(screens.user, title="Elsewhere")
            assert notices_read(user=make_user(elsewhere)) == 0
        assert b"Elsewhere" not in screens.get("notices/").content

    def test_mail_is_switched_off_and_on(self, organization: Organization) -> None:
        screens = Screens(organization)
        screens.post("notices/mail/")
        screens.user.refresh_from_db()
        assert not screens.user.wants_mail
        screens.post("notices/mail/", {"wanted": "on"})
        screens.user.refresh_from_db()
        assert screens.user.wants_mail

    def test_query_count_is_constant(
        self, organization: Organization, django_assert_num_queries: Any
    ) -> None:
        screens = Screens(organization)
        give(screens.user)
        with django_assert_num_queries(7):
            screens.get("notices/")
        for _ in range(19):
            give(screens.user)
        with django_assert_num_queries(7):
            screens.get("notices/")


class TestPurge:
    def aged(self, user: User, *, read: int | None, given: int) -> Notice:
        """A notice that was given, and read, so many days ago, and a minute."""
        now = timezone.now() - timedelta(minutes=1)
        notice = give(user)
        Notice.unscoped.filter(pk=notice.pk).update(
            created_at=now - timedelta(days=given),
            read_at=None if read is None else now - timedelta(days=read),
        )
        return notice

    def test_the_old_go_in_every_organization(self, organization: Organization) -> None:
        user, other = make_user(organization), make_organization()
        kept = [
            self.aged(user, read=89, given=500),
            self.aged(user, read=None, given=364),
            give(user),
        ]
        self.aged(user, read=90, given=90)
        self.aged(user, read=None, given=365)
        with organization_scope(other):
            self.aged(make_user(other), read=90, given=400)
        assert notices_purge() == 3
        assert set(Notice.unscoped.values_list("pk", flat=True)) == {each.pk for each in kept}

    def test_the_settings_say_when(self, organization: Organization, settings: Any) -> None:
        settings.NOTICE_READ_KEPT_DAYS, settings.NOTICE_UNREAD_KEPT_DAYS = 1, 2
        user = make_user(organization)
        young = [self.aged(user, read=0, given=9), self.aged(user, read=None, given=1)]
        self.aged(user, read=1, given=1)
        self.aged(user, read=None, given=2)
        assert notices_purge() == 2
        assert set(Notice.objects.all()) == set(young)

    def test_each_batch_is_one_statement(
        self, organization: Organization, django_assert_num_queries: Any
    ) -> None:
        user = make_user(organization)
        for _ in range(5):
            self.aged(user, read=100, given=100)
        # Batches of 2, 2 and 1, and one that finds nothing unread.
        with django_assert_num_queries(4):
            assert notices_purge(size=2) == 5

    def test_it_is_in_the_schedule(self) -> None:
        assert notices_purge in [task.run for task in periodic_tasks()]
