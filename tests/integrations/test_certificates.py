"""TLS: whose word counts, and what a wrong certificate leads to."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django.fixtures import Settings

from integrations import http as http_module
from integrations.errors import ConfigurationError, TryLater
from integrations.http import Http, Limits
from tests.fakes.wire import Script, in_turn, reply, wire

QUICK = Limits(connect=1, read=0.5, whole=1.5, tries=2, pause=0.01, patience=0.5)
OK = reply("200 OK", b'{"fine": true}')


@pytest.fixture(autouse=True)
def _private_hosts(settings: Settings) -> None:
    settings.FOYER_ALLOW_PRIVATE_HOSTS = True


def certificate(folder: Path, name: str) -> Path:
    """Signs itself for `name`; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = folder / f"{name}.pem"
    file.write_bytes(key.private_bytes(pem, *plain) + made.public_bytes(pem))
    return file


@contextmanager
def over_tls(file: Path, script: Script | None = None) -> Iterator[str]:
    """The address of a server that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    with wire(script or in_turn(OK), wrap=lambda conn: context.wrap_socket(conn, server_side=True)) as server:
        yield server.url.replace("http://127.0.0.1", "https://localhost")


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A certificate for localhost that this machine trusts, as a house's own authority would be."""
    file = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    http_module._trust.cache_clear()
    yield file
    http_module._trust.cache_clear()


def test_tls_with_an_authority_of_the_house(trusted: Path) -> None:
    with over_tls(trusted) as url, Http(url, limits=QUICK) as http:
        assert http.get("/").data == {"fine": True}


def test_a_slow_drip_over_tls_ends_at_the_deadline(trusted: Path) -> None:
    def drip(conn: socket.socket, heard: str) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Endless: " + b"a" * 200:
            conn.sendall(bytes([byte]))
            time.sleep(0.1)

    limits = Limits(read=0.5, whole=1.0, tries=1)
    started = time.monotonic()
    with over_tls(trusted, drip) as url, Http(url, limits=limits) as http, pytest.raises(TryLater):
        http.get("/")
    assert time.monotonic() - started < 3


def test_a_certificate_nobody_vouches_for_calls_a_person(tmp_path: Path) -> None:
    file = certificate(tmp_path, "localhost")
    refused = pytest.raises(ConfigurationError, match="certificate")
    with over_tls(file) as url, Http(url, limits=QUICK) as http, refused:
        http.get("/")


def test_a_certificate_for_another_name_calls_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: Path
) -> None:
    other = certificate(tmp_path, "shop.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    http_module._trust.cache_clear()
    refused = pytest.raises(ConfigurationError, match="certificate")
    with over_tls(other) as url, Http(url, limits=QUICK) as http, refused:
        http.get("/")
