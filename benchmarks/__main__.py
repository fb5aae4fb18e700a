"""`python -m benchmarks NAME [--rows N]`: a table for people; the last line is one JSON object for programs."""

import argparse
import importlib
import json
import os
from pathlib import Path

NAMES = {
    "events": "benchmarks.happening",
    "export": "benchmarks.exporting",
    "import": "benchmarks.importing",
    "lists": "benchmarks.lists",
    "others": "benchmarks.others",
    "segments": "benchmarks.segments",
    "undo": "benchmarks.undoing",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    os.environ.setdefault("KITH_DATA_DIR", str(Path(__file__).parent.parent / ".bench-data"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # However few rows there are, a worker does the work.
    os.environ["IMPORT_SYNC_BYTES"] = "0"
    from config import embedded

    embedded.ensure()
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", "db=9")
    from benchmarks.databases import fresh_database

    fresh_database("kith_bench")
    import django

    django.setup()
    result = importlib.import_module(NAMES[options.name]).run(options.rows)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
