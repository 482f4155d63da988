"""The module that uses_helper.py imports."""


def twice(number: int) -> int:
    return 2 * number
