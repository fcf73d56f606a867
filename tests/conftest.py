"""What every test gets: no way out of this machine, and no PDFs where the machine cannot make any."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest


def _is_local(address: Any) -> bool:
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return str(address[0]) == "localhost"


@pytest.fixture(autouse=True, scope="session")
def _no_way_out() -> Iterator[None]:
    """A test that reaches for another machine fails instead of depending on it."""
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address):
            raise AssertionError(f"A test wanted to connect to {address}.")
        real_connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


#: What bin/test sets where a program is missing, and the tests that are left out then; it says so at its end.
LEFT_OUT = {"MOBIPRO_NO_PDF": "pdf", "MOBIPRO_NO_IMAP": "test_mailbox.py"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    words = [word for name, word in LEFT_OUT.items() if os.environ.get(name)]
    left_out = [item for item in items if any(word in item.nodeid.lower() for word in words)]
    items[:] = [item for item in items if item not in left_out]
    if left_out:
        config.hook.pytest_deselected(items=left_out)


# --- the fixed people ----------------------------------------------------------------------------
@pytest.fixture
def base_data(db: None) -> None:
    """Länder, regions, words and pages, as every installation has them."""
    from mobipro.base_data.create import create

    create()


def _person(name: str) -> Any:
    def fixture(base_data: None) -> Any:
        from tests import factories

        return getattr(factories, f"make_{name}")()

    return pytest.fixture(fixture, name=name)


kaya, bavarian, overall = _person("kaya"), _person("bavarian"), _person("overall")
gross, lindner, administrator = _person("gross"), _person("lindner"), _person("administrator")


@pytest.fixture
def guest() -> Any:
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()
