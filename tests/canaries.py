"""A patient and a person of whom no log may tell: names and dates that stand nowhere else."""

FAMILY = "Kanarienvogelsang"
GIVEN = "Zwitscherlinde"
NAMES = (FAMILY, GIVEN)
BIRTH_DATE = "1887-03-19"
PASSWORD = "kanarien-passwort-4711"

PATIENT = {
    "resourceType": "Patient",
    "name": [{"family": FAMILY, "given": [GIVEN]}],
    "birthDate": BIRTH_DATE,
}
