"""The reference: a rule's wall times by dateutil, their instants by zoneinfo, days by a search through the instants.

Nothing here knows how the Rust code finds a slot. A rule is a dict with the names that the API has.
"""

import datetime as dt
import zoneinfo

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr

zoneinfo.reset_tzpath(to=())  # the pinned tzdata package, not what the system has

UTC = dt.timezone.utc
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
CODES = dict(zip(WEEKDAYS, ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]))
# Days of the shortest such month.
DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def instant(local, zone, fold=0):
    """PEP 495: in a gap the offset before it, which shifts forward; of two the first."""
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def exists(local, zone):
    return instant(local, zone).astimezone(zone).replace(tzinfo=None, fold=0) == local


def comes_twice(local, zone):
    return exists(local, zone) and instant(local, zone, 0) != instant(local, zone, 1)


def start_of_day(date, zone):
    """The first instant at which the calendar there shows this date or a later one."""
    at = dt.datetime.combine(date, dt.time(), UTC) - dt.timedelta(hours=15)
    for step in (dt.timedelta(hours=1), dt.timedelta(minutes=1), dt.timedelta(seconds=1)):
        while (at + step).astimezone(zone).date() < date:
            at += step
    return at + dt.timedelta(seconds=1)


def wire(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(at, dt.datetime) else at.isoformat()


class Rule:
    """`start` is a date, or a wall time with the `fold` that tells which of two is meant."""

    def __init__(self, pattern, zone, start, fold=0, end_date=None, count=None):
        self.pattern = pattern
        self.zone_name = zone
        self.zone = zoneinfo.ZoneInfo(zone)
        self.start = start
        self.fold = fold
        self.end_date = end_date
        self.count = count

    @property
    def all_day(self):
        return not isinstance(self.start, dt.datetime)

    @property
    def local_start(self):
        return dt.datetime.combine(self.start, dt.time()) if self.all_day else self.start

    def at(self, local):
        if self.all_day:
            return start_of_day(local.date(), self.zone)
        return instant(local, self.zone, self.fold if local == self.start else 0)

    def wanted_day(self):
        if self.pattern["recurrence_type"] not in ("monthly", "yearly") or "nth_weekday" in self.pattern:
            return None
        return self.pattern.get("month_day", self.start.day)

    def clamps(self):
        """Whether a month that the rule comes to may lack its day."""
        wanted = self.wanted_day()
        if wanted is None or wanted < 29:
            return False
        if self.pattern["recurrence_type"] == "yearly":
            return DAYS[self.pattern.get("month", self.start.month) - 1] < wanted
        interval = self.pattern["recurrence_interval"]
        return any(DAYS[(self.start.month - 1 + k * interval) % 12] < wanted for k in range(12))

    def parts(self):
        """The RRULE but for its end."""
        pattern, kind = self.pattern, self.pattern["recurrence_type"]
        parts = [f"FREQ={kind.upper()}"]
        if pattern["recurrence_interval"] != 1:
            parts.append(f"INTERVAL={pattern['recurrence_interval']}")
        if kind == "yearly":
            parts.append(f"BYMONTH={pattern.get('month', self.start.month)}")
        if kind == "weekly":
            days = pattern.get("weekdays") or [WEEKDAYS[self.start.weekday()]]
            parts.append("BYDAY=" + ",".join(CODES[day] for day in sorted(days, key=WEEKDAYS.index)))
        if "nth_weekday" in pattern:
            nth = pattern["nth_weekday"]
            parts.append(f"BYDAY={nth['nth']}{CODES[nth['weekday']]}")
        elif kind in ("monthly", "yearly"):
            wanted = self.wanted_day()
            if self.clamps():
                parts.append("BYMONTHDAY=" + ",".join(str(day) for day in range(28, wanted + 1)))
                parts.append("BYSETPOS=-1")
            else:
                parts.append(f"BYMONTHDAY={wanted}")
        return parts

    def rrule(self):
        parts = self.parts()
        if self.end_date and self.all_day:
            parts.append(f"UNTIL={self.end_date:%Y%m%d}")
        elif self.end_date:
            last = self.at(dt.datetime.combine(self.end_date, self.start.time()))
            parts.append(f"UNTIL={last:%Y%m%dT%H%M%SZ}")
        if self.count:
            parts.append(f"COUNT={self.count}")
        if self.pattern["recurrence_type"] == "weekly":
            parts.append("WKST=MO")
        return ";".join(parts)

    def wall_times(self):
        """From the first on, ends included; dateutil counts weeks, months and years from DTSTART's."""
        parts = self.parts() + ["WKST=MO"]
        if self.end_date:
            parts.append(f"UNTIL={self.end_date:%Y%m%dT235959}")
        if self.count:
            parts.append(f"COUNT={self.count}")
        return iter(rrulestr(";".join(parts), dtstart=self.local_start))

    def note(self, local, wanted):
        if self.all_day:
            if self.at(local).astimezone(self.zone).date() != local.date():
                return "gap"
        elif not exists(local, self.zone):
            return "gap"
        elif comes_twice(local, self.zone) and not (local == self.start and self.fold == 1):
            return "overlap"
        return "clamp" if wanted is not None and wanted > local.day else None

    def slot(self, n, local):
        return [n, local.isoformat(), wire(self.at(local)), self.note(local, self.wanted_day())]

    def after_completion(self, completed):
        kind, interval = self.pattern["recurrence_type"], self.pattern["recurrence_interval"]
        unit = {"daily": "days", "weekly": "weeks", "monthly": "months", "yearly": "years"}[kind]
        begun = max(completed.astimezone(self.zone).date(), self.local_start.date())
        local = dt.datetime.combine(begun + relativedelta(**{unit: interval}), self.local_start.time())
        wanted = begun.day if kind in ("monthly", "yearly") else None
        return [wire(completed), local.isoformat(), wire(self.at(local)), self.note(local, wanted)]

    def on_the_wire(self):
        rule = dict(self.pattern)
        rule["time_zone"] = self.zone_name
        rule["start_date"] = wire(self.start if self.all_day else self.at(self.start))
        if self.end_date:
            rule["end_date"] = self.end_date.isoformat()
        if self.count:
            rule["count"] = self.count
        return rule


def transitions(zone, first=1970, last=2100):
    """(instant, offset before, offset after), by bisection."""

    def offset(seconds):
        return dt.datetime.fromtimestamp(seconds, UTC).astimezone(zone).utcoffset()

    begin = int(dt.datetime(first, 1, 1, tzinfo=UTC).timestamp())
    end = int(dt.datetime(last, 1, 1, tzinfo=UTC).timestamp())
    found, before = [], offset(begin)
    for late in range(begin + 7 * 86400, end, 7 * 86400):
        after = offset(late)
        if after == before:
            continue
        early, exact = late - 7 * 86400, late
        while exact - early > 1:
            middle = (early + exact) // 2
            if offset(middle) == before:
                early = middle
            else:
                exact = middle
        found.append((dt.datetime.fromtimestamp(exact, UTC), before, offset(exact)))
        before = after
    return found
