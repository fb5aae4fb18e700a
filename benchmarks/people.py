"""A file of people for benchmarks: ten columns, three of them custom fields, and tags."""

import csv
import random
from pathlib import Path

from openpyxl import Workbook

HEADER = (
    "email",
    "first_name",
    "last_name",
    "phone",
    "city",
    "country",
    "age",
    "joined",
    "plan",
    "tags",
)
MAPPING = [
    {"index": 0, "target": "email"},
    {"index": 1, "target": "first_name"},
    {"index": 2, "target": "last_name"},
    {"index": 3, "target": "phone"},
    {"index": 4, "target": "city"},
    {"index": 5, "target": "country"},
    {"index": 6, "target": "custom:age", "type": "number"},
    {"index": 7, "target": "custom:joined", "type": "date"},
    {"index": 8, "target": "custom:plan", "type": "text"},
    {"index": 9, "target": "tags", "separator": ";"},
]
FIRST = [
    "Ana",
    "Ben",
    "Cleo",
    "Dan",
    "Eva",
    "Finn",
    "Gro",
    "Hugo",
    "Ida",
    "Jon",
    "Kim",
    "Lea",
    "Max",
    "Nina",
    "Ola",
    "Pia",
    "Rolf",
    "Siri",
    "Tom",
    "Una",
]
LAST = [
    "Berg",
    "Costa",
    "Dahl",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Hansen",
    "Ito",
    "Jensen",
    "Kraus",
    "Lund",
    "Moen",
    "Novak",
    "Olsen",
]
CITIES = [("Oslo", "Norway"), ("Berlin", "Germany"), ("Lisbon", "Portugal"), ("Kyoto", "Japan")]
PLANS = ["free", "team", "business"]
TAGS = [f"Tag {number}" for number in range(20)]


def write_people(path: Path, rows: int, seed: int = 7) -> None:
    """Write `rows` people with different addresses, in a random order of them."""
    pick = random.Random(seed)
    numbers = list(range(rows))
    pick.shuffle(numbers)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(_person(number, pick) for number in numbers)


def change_people(path: Path) -> None:
    """Let every tenth person of a file move to another city."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *people = csv.reader(file)
    for person in people[::10]:
        person[header.index("city")] = "Moved"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *people])


def write_workbook(path: Path, workbook: Path) -> None:
    """The rows of a file of people as an XLSX workbook, each cell a text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            sheet.append(row)
    book.save(workbook)


def _person(number: int, pick: random.Random) -> list[str]:
    first, last = pick.choice(FIRST), pick.choice(LAST)
    city, country = pick.choice(CITIES)
    return [
        f"{first.lower()}.{last.lower()}{number}@example.com",
        first,
        last,
        f"+479{number % 10_000_000:07d}",
        city,
        country,
        str(pick.randint(18, 90)),
        f"20{pick.randint(10, 25)}-{pick.randint(1, 12):02d}-{pick.randint(1, 28):02d}",
        pick.choice(PLANS),
        ";".join(pick.sample(TAGS, pick.randint(1, 2))),
    ]
