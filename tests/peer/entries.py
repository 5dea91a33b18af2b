"""Reads a calendar as somebody else's program does (icalendar), and prints its entries as JSON.

Usage: entries.py FILE
"""

import json
import sys

from icalendar import Calendar
from icalendar.parser import unescape_char

with open(sys.argv[1], "rb") as file:
    calendar = Calendar.from_ical(file.read())

entries = [
    {
        "start": entry.decoded("dtstart").strftime("%Y-%m-%dT%H:%M:%SZ"),
        "end": entry.decoded("dtend").strftime("%Y-%m-%dT%H:%M:%SZ"),
        "who": str(entry["summary"]),
        "uid": str(entry["uid"]),
    }
    for entry in calendar.walk("VEVENT")
]
print(json.dumps({"name": unescape_char(str(calendar["x-wr-calname"])), "entries": entries}), flush=True)
