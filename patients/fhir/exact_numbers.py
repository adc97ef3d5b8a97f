"""Numbers that keep their digits: `72.50` is not `72.5` (https://hl7.org/fhir/R4/datatypes.html#decimal)."""

from decimal import Decimal, InvalidOperation

MAX_SIGNIFICANT_DIGITS = 64
MAX_EXPONENT = 64

# The longest text a number within the limits can have: sign, digits, leading zeros after the point, exponent.
_MAX_LENGTH = 160
# Shorter texts without an exponent are within the limits whatever their digits.
_SURELY_SHORT = 60


class WrittenDecimal(Decimal):
    """A number that Decimal would print otherwise than it was written (`1.0E2`, `0.0000001`, `-0`)."""

    __slots__ = ("written",)
    written: str

    def __new__(cls, written: str) -> "WrittenDecimal":
        number = super().__new__(cls, written)
        number.written = written
        return number

    def __str__(self) -> str:
        return self.written


class NumberOutOfLimits(ValueError):
    """The number has more digits or a larger exponent than can be kept."""


def exact_integer(written: str) -> int | Decimal:
    """Return the value of a JSON number without fraction and exponent.

    :raises NumberOutOfLimits: if it has more than 64 significant digits.
    """
    if written == "-0":
        return WrittenDecimal(written)
    if len(written) > MAX_SIGNIFICANT_DIGITS:
        _require_limits(written)
    return int(written)


def exact_decimal(written: str) -> Decimal:
    """Return the value of a JSON number, which prints as it was written.

    :raises NumberOutOfLimits: if it has more than 64 significant digits or an exponent beyond ±64.
    """
    if len(written) > _SURELY_SHORT or "e" in written or "E" in written:
        _require_limits(written)
    number = Decimal(written)
    return number if str(number) == written else WrittenDecimal(written)


def _require_limits(written: str) -> None:
    if len(written) > _MAX_LENGTH:
        raise NumberOutOfLimits(_sentence(written))
    try:
        number = Decimal(written)
    except InvalidOperation as error:
        raise NumberOutOfLimits(_sentence(written)) from error
    # An exponent of many digits makes infinity of the number, which has no digits to count.
    is_within = number.is_finite() and abs(number.adjusted()) <= MAX_EXPONENT
    if not is_within or len(number.as_tuple().digits) > MAX_SIGNIFICANT_DIGITS:
        raise NumberOutOfLimits(_sentence(written))


def _sentence(written: str) -> str:
    shown = written if len(written) <= 24 else f"{written[:20]}…"
    return (
        f"The number {shown} has more than {MAX_SIGNIFICANT_DIGITS} significant digits "
        f"or an exponent beyond ±{MAX_EXPONENT}."
    )
