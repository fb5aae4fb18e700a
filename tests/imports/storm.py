"""`python -m tests.imports.storm postgres|redis|machine`: imports while servers are killed, in a data folder of its own.

A process of its own, since the servers that die are not those of the other tests. The last line that it prints is
JSON: how many kills there were, at which moments, and whether the rows are those of imports that nobody disturbed.
It ends only servers and workers that it started, by their ids.
"""

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import psutil

from tests.processes import kill_tree

ROWS, KILLS, MOST_WAVES = 3000, 20, 20


class Storm:
    """Kills servers at random moments of an import, and starts them again as `manage.py up` would."""

    def __init__(self, kind: str, nursery: Any, layout: Any) -> None:
        from config.embedded.postgres_server import PostgresServer
        from config.embedded.redis_server import RedisServer

        self.kind, self.nursery = kind, nursery
        self.postgres, self.redis = PostgresServer(layout), RedisServer(layout)
        self.pick = random.Random(kind)
        self.worker = nursery.start_worker()
        self.moments: Counter[str] = Counter()
        self.next_sweep = 0.0

    def to_the_end(self, job: Any) -> None:
        """Bring a check or a run to its end, through a crash after each bit of progress."""
        from tests.imports.test_faults import is_live, share_done
        from tests.waiting import await_

        while is_live(job):
            goal = share_done(job, ROWS) + self.pick.uniform(0.02, 0.1)
            await_(
                lambda goal=goal: (
                    self.schedule_runs() and (not is_live(job) or share_done(job, ROWS) >= goal)
                ),
                "progress",
                self.nursery.output,
            )
            self.strike(job)

    def strike(self, job: Any) -> None:
        from django.db import connection

        from tests.imports.test_faults import let_leases_run_out, reread

        row = reread(job)
        if row.status in row.LIVE_STATUSES:
            self.moments[f"{row.status} {row.phase}"] += 1
        connection.close()
        for kill in self.kills():
            kill()
        self.postgres.start()
        self.redis.start()
        # A worker that lost its queue waits before it looks again; `up` and any supervisor start a new one.
        self.worker.kill()
        self.worker = self.nursery.start_worker()
        let_leases_run_out()

    def schedule_runs(self) -> bool:
        """Find what a crash left, as the schedule does, but more often."""
        from organizations.services.leases import leases_sweep

        if time.monotonic() >= self.next_sweep:
            leases_sweep()
            self.next_sweep = time.monotonic() + 5
        return True

    def kills(self) -> list[Callable[[], None]]:
        postgres, redis = self.postmaster(), self.redis_pid()
        worker = self.worker
        return {
            "postgres": [lambda: kill_tree(psutil.Process(postgres))],
            "redis": [lambda: kill_tree(psutil.Process(redis))],
            "machine": [
                lambda: kill_tree(psutil.Process(postgres)),
                lambda: kill_tree(psutil.Process(redis)),
                lambda: worker.kill() and None,
            ],
        }[self.kind]

    def postmaster(self) -> int:
        return int((self.postgres.folder / "postmaster.pid").read_text().split()[0])

    def redis_pid(self) -> int:
        from organizations.redis import redis_connection

        return int(redis_connection().info("server")["process_id"])


def main(kind: str) -> dict[str, Any]:
    from config import embedded

    embedded.ensure()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from config.embedded.layout import planned_layout
    from tests.factories import make_organization
    from tests.imports.final_rows import final_rows
    from tests.nursery import running_nursery

    calm, stormy = make_organization(name="Calm"), make_organization(name="Stormy")
    with running_nursery("imports") as nursery:
        storm = Storm(kind, nursery, planned_layout())
        for wave in range(MOST_WAVES):
            _import(calm, wave, _undisturbed)
            _import(stormy, wave, storm.to_the_end)
            if storm.moments.total() >= KILLS:
                break
    same = {name: rows == final_rows(calm)[name] for name, rows in final_rows(stormy).items()}
    return {"kills": storm.moments.total(), "moments": storm.moments, "same": same}


def _import(organization: Any, wave: int, bring_to_end: Callable[[Any], None]) -> None:
    from imports.services.control import import_start, import_validate
    from organizations.scope import organization_scope
    from tests.factories import SCREEN, make_import
    from tests.imports.test_faults import COLUMNS, people, reread

    text, name = people(wave, ROWS), f"wave-{wave}.csv"
    job = make_import(organization, text, name=name, columns=COLUMNS, batch_size=100)
    with organization_scope(organization):
        import_validate(job=job)
        bring_to_end(job)
        import_start(job=reread(job), actor=SCREEN)
        bring_to_end(job)


def _undisturbed(job: Any) -> None:
    from tests.imports.test_faults import run_in_process

    run_in_process(job)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    print(json.dumps(main(sys.argv[1])))  # noqa: T201
