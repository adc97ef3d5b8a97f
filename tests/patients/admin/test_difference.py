from patients.admin.difference import MOST_LINES, difference


def shown(rows):
    return [(row.sign, str(row.line).strip() if row.line else row.left_out) for row in rows]


class TestDifference:
    def test_shows_what_was_removed_and_added_between_their_neighbours(self):
        old = '{"a":1,"b":2,"c":3,"d":72.50,"e":5,"f":6,"g":7,"h":8}'
        new = '{"a":1,"b":2,"c":3,"d":72.5,"e":5,"f":6,"g":7,"h":8}'

        assert shown(difference(old, new)) == [
            ("", 1),
            ("", '"a": 1,'),
            ("", '"b": 2,'),
            ("", '"c": 3,'),
            ("\N{MINUS SIGN}", '"d": 72.50,'),
            ("+", '"d": 72.5,'),
            ("", '"e": 5,'),
            ("", '"f": 6,'),
            ("", '"g": 7,'),
            ("", 2),
        ]

    def test_numbers_the_lines_of_both(self):
        removed, added = [row for row in difference('{"a":1}', '{"b":1}') if row.sign]

        assert (removed.before, removed.after) == (2, None)
        assert (added.before, added.after) == (None, 2)

    def test_is_empty_between_equals(self):
        assert difference('{"a":1}', '{"a":1}') == []

    def test_refuses_texts_that_would_take_long(self):
        assert difference("[" + ",".join("1" * MOST_LINES) + "]", "[]") is None
