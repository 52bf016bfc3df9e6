"""Versions below which a published hole is open. An audit tool without a network would pass with nothing audited."""

from importlib.metadata import version

import pytest

FLOORS = {
    "django": "6.0.9",
    "daphne": "4.2.2",
    "djangorestframework": "3.18.2",
    "celery": "5.7.0",
    "kombu": "5.7.0",
    "channels-redis": "4.3.0",
}


def number(text: str) -> tuple[int, ...]:
    """The numeric parts of a version up to the first that is not a number."""
    parts: list[int] = []
    for part in text.split("."):
        if not part.isdigit():
            break
        parts.append(int(part))
    return tuple(parts)


@pytest.mark.parametrize(("package", "floor"), FLOORS.items())
def test_installed_is_not_below_the_floor(package: str, floor: str) -> None:
    """The lock may be regenerated anywhere: what is really installed counts."""
    assert number(version(package)) >= number(floor), f"{package} {version(package)} is below {floor}"


def test_the_comparison_itself_tells_versions_apart() -> None:
    """As text, 5.10 is below 5.7."""
    assert number("5.10.0") > number("5.7.0")
    assert number("4.2.1") < number("4.2.2")
