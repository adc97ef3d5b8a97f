"""https://hl7.org/fhir/R4/search.html#date, above all its table of prefixes.

What has no time zone is in UTC here. `from21` is "from 21-Jan 2013 onwards", `upto21` "before and including
21-Jan 2013", `from15` "from 15-Mar 2013 onwards"; `west` is 2013-01-15T04:30Z, `east` 2013-01-14T23:00Z.
"""

_JANUARY = "t00 t10 nxt day mon west east"

DATES = (
    ("Observation?date=eq2013-01-14", "t00 t10 day east", "the 14th contains 00:00 and 10:00, not the 15th"),
    ("Observation?date=2013-01-14", "t00 t10 day east", "no prefix is eq"),
    (
        "Observation?date=ne2013-01-14",
        "nxt mon yr mar west far from21 upto21 from15 march schedule",
        "all that the 14th does not fully contain; 15T00:00 matches",
    ),
    (
        "Observation?date=lt2013-01-14T10:00",
        "t00 day mon yr upto21",
        "2013-01-14 includes the part of that day before 10:00",
    ),
    (
        "Observation?date=gt2013-01-14T10:00",
        "day nxt mon yr mar west east far from21 upto21 from15 march schedule",
        "2013-01-14 includes the part of that day after 10:00",
    ),
    (
        "Observation?date=ge2013-03-14",
        "yr mar far from21 from15 march schedule",
        "'from 21-Jan 2013 onwards' may include times after 14-Mar",
    ),
    (
        "Observation?date=le2013-03-14",
        f"{_JANUARY} yr mar from21 upto21 march",
        "'from 21-Jan 2013 onwards' may include times before 14-Mar",
    ),
    (
        "Observation?date=sa2013-03-14",
        "from15 far schedule",
        "'from 15-Mar' starts after 14-Mar; 'from 21-Jan' and 'until 21-Jan' do not",
    ),
    (
        "Observation?date=eb2013-03-14",
        f"{_JANUARY} upto21",
        "'until 21-Jan' ends before 14-Mar; 'from 21-Jan' and 'from 15-Mar' do not",
    ),
    (
        "Observation?date=ap2013-03-14",
        f"{_JANUARY} yr mar from21 upto21 from15 march",
        "21-Jan 2013 is near 14-Mar 2013, 15-Jun 2015 is not",
    ),
    ("Observation?date=2013-01", _JANUARY, "all of the month"),
    ("Observation?date=2013", f"{_JANUARY} yr mar march", "all of the year, no periods that go on"),
    ("Observation?date=2013-01-15", "nxt west", "23:30-05:00 is 04:30 of the 15th in UTC"),
    ("Observation?date=2013-03", "mar march", "a period within the month"),
    ("Observation?date=2013-03-31", "", "the period is not within its last day"),
    ("Observation?date=2013-01-14T10:00:00Z", "t10", "to the second"),
    ("Observation?date=2013-01-14T10:00", "t10", "the minute contains 10:00:00"),
    ("Observation?date=2013-01-14T05:00:00-05:00", "t10", "the same moment in another zone"),
    ("Observation?date=2013-01-14T23:00:00Z", "east", "01:00+02:00 of the next day"),
    ("Observation?date=2013-01-15T01:00:00+02:00", "east", "as it is written"),
    ("Observation?date=2013-01-14T10:00:01Z", "", "another second"),
    ("Observation?date=gt2013-12-31", "far from21 from15 schedule", "periods that go on reach beyond 2013"),
    ("Observation?date=gt2013", "far from21 from15 schedule", "the year itself does not end after the year"),
    ("Observation?date=lt2013", "upto21", "a period without a start began before"),
    ("Observation?date=ge2013-01-15&date=lt2013-01-16", "nxt west mon yr upto21", "each is asked by itself"),
    ("Observation?date=2013-01-14,2013-01-15", "t00 t10 day east nxt west", "either day"),
    (
        "Observation?date=sa2013-01-14",
        "nxt west mar far from21 from15 march schedule",
        "15T00:00 is after the 14th",
    ),
    ("Observation?date=eb2013-01-15", "t00 t10 day east", "what ends with the 14th, or before"),
    ("Observation?date=le2013-01-14T00:00:00Z", "t00 mon yr upto21", "the day starts with it, not before"),
    (
        "Observation?date=ge2013-01-15T04:30:00Z",
        "west mon yr mar far from21 upto21 from15 march schedule",
        "and after",
    ),
    ("Observation?date=2015-06,2013-03", "far mar march", "either month"),
    ("Observation?date=2014", "", "nothing lies within 2014"),
    (
        "Observation?date=ge2017-02-01&date=le2017-02-01",
        "schedule from21 from15",
        "of a Timing only the outer limits matter: the odd day is included",
    ),
    ("Observation?date=2017", "schedule", "within the year"),
    ("Observation?date=sa2017-01-31", "", "it starts on that day"),
    ("Observation?code=urn:kind|date&date:missing=true", "undated", "no date"),
    ("Observation?date:missing=false&date=ge2015", "far from21 from15 schedule", "in 2015 or after"),
    ("Patient?birthdate=1974-12-25", "both", "the day alone: not the month, not the year"),
    ("Patient?birthdate=1974-12", "both peter", "the month contains its day and itself"),
    ("Patient?birthdate=1974", "both peter ann", "the year contains all three"),
    ("Patient?birthdate=gt1974-12-25", "peter ann absent", "the month and the year may be later"),
    ("Patient?birthdate=lt1974-12-25", "peter ann", "the month and the year may be earlier"),
    ("Patient?birthdate=ge1974-12-25", "both peter ann absent", "the day itself too"),
    ("Patient?birthdate=sa1974-11", "both peter absent", "all start after November"),
    ("Patient?birthdate=eb1975", "both peter ann", "all end before 1975"),
    ("Patient?birthdate=ne1974-12", "ann absent", "the year is not within December"),
    ("Patient?birthdate=ge1975", "absent", "only who was born later"),
    (
        "Patient?birthdate:missing=true&name=unborn",
        "unborn",
        "present with an extension, but no value: it is missing",
    ),
    ("Patient?birthdate:missing=false&name=absent", "absent", "a value"),
    ("Patient?death-date=2015", "ann", "a year is a date"),
    ("Observation?value-date=2020-01-03", "of-group", "a value that is a date"),
    ("Observation?value-date=lt2020-01-02", "of-ruth", "before a day"),
)
