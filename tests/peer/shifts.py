"""Says when the events of a calendar are, as somebody else's program finds it (icalendar,
recurring-ical-events), and prints each occurrence as JSON.

Usage: shifts.py FILE ZONE FROM TO    (the zone of times without one; instants in UTC)
"""

import json
import sys
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

path, zone, begin, end = sys.argv[1:]
wall = ZoneInfo(zone)


def instant(at):
    """Days and times without a zone are by the clock on the wall."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time.min)
    if at.tzinfo is None:
        at = at.replace(tzinfo=wall)
    return at.astimezone(timezone.utc)


with open(path, "rb") as file:
    calendar = Calendar.from_ical(file.read())
begin, end = (datetime.fromisoformat(text) for text in (begin, end))
found = []
# A little more than is asked for: an event may lie across the edge by the wall's clock.
around = timedelta(days=2)
for event in recurring_ical_events.of(calendar).between(begin - around, end + around):
    if str(event.get("STATUS", "")) == "CANCELLED":
        continue
    start, stop = instant(event.start), instant(event.end)
    if stop > begin and start < end:
        people = event.get("ATTENDEE", [])
        people = people if isinstance(people, list) else [people]
        found.append(
            {
                "start": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "end": stop.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "who": str(event.get("SUMMARY", "")),
                "attendees": [person.params.get("CN", "") for person in people],
            }
        )
print(json.dumps(found), flush=True)
