"""`manage.py schedule`: runs the apps' periodic tasks until SIGTERM."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from config.schedule import Scheduler, periodic_tasks


class Command(BaseCommand):
    help = (
        "Run the periodic tasks of all apps. Several may run at once: a task runs in one of them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        scheduler = Scheduler(periodic_tasks())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: scheduler.stop())
        names = (
            ", ".join(f"{task.name} (every {task.every:g} s)" for task in scheduler.tasks)
            or "nothing"
        )
        self.stdout.write(f"Scheduling {names}.")
        scheduler.run()
