"""https://hl7.org/fhir/R4/search.html#number and #quantity"""

_ALL = "n99.4 n99.5 n99.99 n99.995 n100 n100.005 n100.4 n100.5"
_ABOUT_100 = "n99.5 n99.99 n99.995 n100 n100.005 n100.4"
_BELOW = "minus zero n99.4 n99.5 n99.99 n99.995"
_MG = "http://unitsofmeasure.org|mg"
_OF_5_4 = "q5.35 q5.4 q5.449"

NUMBERS = (
    ("ChargeItem?factor-override=100", _ABOUT_100, "3 significant digits: [99.5 … 100.5)"),
    ("ChargeItem?factor-override=eq100", _ABOUT_100, "eq is what no prefix means"),
    ("ChargeItem?factor-override=100.00", "n99.995 n100", "5 significant digits: [99.995 … 100.005)"),
    ("ChargeItem?factor-override=1.00e2", _ABOUT_100, "3 significant digits in exponential form"),
    ("ChargeItem?factor-override=1.00E+2", _ABOUT_100, "the same in other letters"),
    ("ChargeItem?factor-override=1.0e2", _ALL, "2 significant digits: [95 … 105)"),
    ("ChargeItem?factor-override=1e2", _ALL, "100, to few digits: all of 99.4 to 100.5 are in the range"),
    ("ChargeItem?factor-override=lt100", _BELOW, "less than exactly 100"),
    ("ChargeItem?factor-override=le100", f"{_BELOW} n100", "less than or equal to exactly 100"),
    ("ChargeItem?factor-override=gt100", "n100.005 n100.4 n100.5", "greater than exactly 100"),
    ("ChargeItem?factor-override=ge100", "n100 n100.005 n100.4 n100.5", "greater or equal to exactly 100"),
    ("ChargeItem?factor-override=ne100", "n99.4 n100.5 minus zero", "not in [99.5 … 100.5)"),
    (
        "ChargeItem?factor-override=ne100.00",
        "n99.4 n99.5 n99.99 n100.005 n100.4 n100.5 minus zero",
        "not in [99.995 … 100.005)",
    ),
    ("ChargeItem?factor-override=sa100", "n100.005 n100.4 n100.5", "sa of decimals: what is above"),
    ("ChargeItem?factor-override=eb100", _BELOW, "eb of decimals: what is below"),
    ("ChargeItem?factor-override=ap100", _ALL, "10 % to either side"),
    ("ChargeItem?factor-override=-100", "minus", "a sign before the number"),
    ("ChargeItem?factor-override=0", "zero", "[-0.5 … 0.5)"),
    ("ChargeItem?factor-override=99.5", "n99.5", "[99.45 … 99.55)"),
    ("ChargeItem?factor-override=99.50", "n99.5", "[99.495 … 99.505)"),
    ("ChargeItem?factor-override=100.5", "n100.5", "[100.45 … 100.55)"),
    ("ChargeItem?factor-override=99.995", "n99.995", "[99.9945 … 99.9955)"),
    ("ChargeItem?factor-override=100.1", "", "[100.05 … 100.15) holds none"),
    ("ChargeItem?factor-override=0,-100", "zero minus", "a comma is OR"),
    (
        "ChargeItem?factor-override=gt99&factor-override=lt100",
        "n99.4 n99.5 n99.99 n99.995",
        "a parameter given twice is AND",
    ),
    ("ChargeItem?factor-override=lt-50,gt100.45", "minus n100.5", "each of a comma's values has its prefix"),
    ("ChargeItem?factor-override:missing=true", "none", "those that have no value"),
    ("ChargeItem?factor-override:missing=false&factor-override=lt50", "minus zero", ":missing and a value"),
    ("MolecularSequence?variant-start=100", "at100", "of integers: exact matches"),
    ("MolecularSequence?variant-start=100.0", "at100", "no digits but zeros after the point: the same"),
    ("MolecularSequence?variant-start=100.4", "", "other digits after the point: no integer can match"),
    ("MolecularSequence?variant-start=gt100", "at101", "gt of integers"),
    ("MolecularSequence?variant-start=le100", "at99 at100", "le of integers"),
    ("MolecularSequence?variant-start=ne100", "at99 at101", "ne of integers"),
)

_ANY_5_4 = f"{_OF_5_4} gram said spoken own"

QUANTITIES = (
    (f"Observation?value-quantity=5.4|{_MG}", f"{_OF_5_4} spoken", "5.4(±0.05) of UCUM's mg"),
    (f"Observation?value-quantity=5.40|{_MG}", "q5.4 spoken", "5.40(±0.005)"),
    ("Observation?value-quantity=5.4||mg", f"{_OF_5_4} said spoken own", "the code or the stated unit is mg"),
    ("Observation?value-quantity=5.4||milligram", "spoken", "the stated unit"),
    ("Observation?value-quantity=5.4", _ANY_5_4, "irrespective of the unit"),
    ("Observation?value-quantity=5.4|http://unitsofmeasure.org|g", "gram", "another unit"),
    ("Observation?value-quantity=5.4|urn:own|mg", "own", "another system"),
    ("Observation?value-quantity=5.4|urn:own|g", "", "system and code must both match"),
    (f"Observation?value-quantity=5.45|{_MG}", "q5.449 q5.45", "[5.445 … 5.455)"),
    (f"Observation?value-quantity=6|{_MG}", "q6", "[5.5 … 6.5)"),
    (f"Observation?value-quantity=le5.4|{_MG}", "q5.35 q5.4 q4.86 q5 spoken below3", "at most exactly 5.4"),
    (f"Observation?value-quantity=lt5.4|{_MG}", "q5.35 q4.86 q5 below3", "less than exactly 5.4"),
    (f"Observation?value-quantity=gt5.4|{_MG}", "q5.449 q5.45 q6 above9", "greater than exactly 5.4"),
    (f"Observation?value-quantity=ge5.4|{_MG}", "q5.4 q5.449 q5.45 q6 spoken above9", "at least exactly 5.4"),
    (
        f"Observation?value-quantity=ap5.4|{_MG}",
        "q5.35 q5.4 q5.449 q5.45 q4.86 q5 spoken",
        "10 %: [4.86 … 5.94]",
    ),
    ("Observation?value-quantity=5.40e0||mg", "q5.4 said spoken own", "exponential form"),
    (f"Observation?value-quantity=3|{_MG}", "", "'< 3' is a value that is not 3"),
    (f"Observation?value-quantity=lt3|{_MG}", "below3", "'< 3' is below 3 whatever it is"),
    (f"Observation?value-quantity=gt9|{_MG}", "above9", "'> 9' is above 9 whatever it is"),
    (
        f"Observation?value-quantity=5|{_MG},6|{_MG}",
        "q4.86 q5 q5.35 q5.4 q5.449 q5.45 q6 spoken",
        "[4.5 … 5.5) or [5.5 … 6.5)",
    ),
    (
        f"Observation?value-quantity=gt5|{_MG}&value-quantity=lt5.44|{_MG}",
        "q5.35 q5.4 spoken",
        "AND of two bounds",
    ),
    (
        "Observation?value-quantity=5.40e-3|http://unitsofmeasure.org|kg",
        "tiny",
        "R4's own example: 0.0054(±0.000005)",
    ),
    ("Observation?value-quantity=5.405e-3|http://unitsofmeasure.org|kg", "", "[0.0054045 … 0.0054055)"),
    ("Observation?value-quantity=0.0054||kg", "tiny", "without the exponent"),
    ("Observation?code=urn:kind|amount&value-quantity:missing=true", "wordy", "a string is no quantity"),
    ("Encounter?length=30||min", "e1", "a Duration is a quantity"),
    ("Encounter?length=gt30||min", "", "not more than 30"),
)
