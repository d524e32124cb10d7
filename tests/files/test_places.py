"""A folder, a real SFTP server, a real S3 server: what is there, and what is wrong in words."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import asyncssh
import pytest
from pytest_django import Settings

from integrations.errors import ConfigurationError, ConnectorError, TryLater
from integrations.files.places import FolderPlace, Place, S3Place, SftpPlace
from tests.fakes.s3 import BUCKET, KEY, S3, SECRET, s3
from tests.fakes.sftp import PASSWORD, USER, Sftp, sftp

CONTENT = "Navn;E-post\r\nÅse;ase@example.no\r\n".encode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sftp]:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "salg.csv").write_bytes(CONTENT)
    with sftp(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def bucket() -> Iterator[S3]:
    with s3() as running:
        running.put("ut/salg.csv", CONTENT)
        running.put("ut/bilde.png", b"\x89PNG")
        yield running


def at(server: Sftp, folder: str = "/out", **changes: str) -> SftpPlace:
    given = {"host_key": server.fingerprint, "password": PASSWORD, "user": USER} | changes
    return SftpPlace(folder, "*.csv", host="127.0.0.1", port=server.port, **given)


def in_bucket(bucket: S3, folder: str = f"{BUCKET}/ut", **changes: str) -> S3Place:
    given = {"endpoint": bucket.url, "key": KEY, "secret": SECRET} | changes
    return S3Place(folder, "*.csv", **given)


def copied(place: Place, path: str, most: int = 10**6) -> bytes:
    target = BytesIO()
    digest = place.copy(path, target, most=most)
    assert len(digest) == 64
    return target.getvalue()


def test_a_folder_lists_what_matches_and_leaves_unfinished_uploads_alone(tmp_path: Path) -> None:
    for name in ("salg.csv", "SALG2.CSV", ".salg.csv.swp", "~$salg.csv", "salg3.csv.part", "les meg.txt"):
        (tmp_path / name).write_bytes(CONTENT)
    place = FolderPlace("", "*.csv*", root=tmp_path)
    assert [Path(seen.path).name for seen in place.look()] == ["SALG2.CSV", "salg.csv"]
    assert copied(place, str(tmp_path / "salg.csv")) == CONTENT
    assert (tmp_path / "salg.csv").exists(), "the customer's file is never touched"


def test_a_folder_ends_at_the_organisation_s_own(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "secret.csv").write_bytes(CONTENT)
    (tmp_path / "mine" / "link.csv").symlink_to(tmp_path / "theirs" / "secret.csv")
    with pytest.raises(ConfigurationError, match="inside"):
        FolderPlace("../theirs", "*", root=tmp_path / "mine")
    assert FolderPlace("", "*", root=tmp_path / "mine").look() == []


def test_a_path_noted_elsewhere_opens_nothing_outside_the_folder(tmp_path: Path) -> None:
    """A connection's place may be changed, and a bucket may list any name: `docs/../../etc/passwd`."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "theirs.csv").write_bytes(CONTENT)
    (tmp_path / "mine" / "swapped.csv").symlink_to(tmp_path / "theirs.csv")
    place = FolderPlace("", "*", root=tmp_path / "mine")
    for path in ("theirs.csv", "mine/../theirs.csv", "mine/swapped.csv"):
        assert place.now(str(tmp_path / path)) is None
        with pytest.raises(ConfigurationError, match="inside"):
            copied(place, str(tmp_path / path))


def test_a_folder_that_has_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is not there"):
        FolderPlace("usb", "*", root=tmp_path).look()


def test_a_changed_file_has_another_stamp(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CONTENT)
    place = FolderPlace("", "*", root=tmp_path)
    first = place.look()
    (tmp_path / "a.csv").write_bytes(CONTENT + CONTENT)
    assert place.look() != first


def test_more_bytes_than_allowed_are_not_copied(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CONTENT)
    with pytest.raises(ConfigurationError, match="larger"):
        copied(FolderPlace("", "*", root=tmp_path), str(tmp_path / "a.csv"), most=10)


def test_a_full_disk_is_not_blamed_on_the_other_side(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CONTENT)
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(ConfigurationError, match="full"):
        FolderPlace("", "*", root=tmp_path).copy(str(tmp_path / "a.csv"), full, most=10**6)


def test_sftp_with_the_pinned_key(server: Sftp) -> None:
    place = at(server)
    (seen,) = place.look()
    assert (seen.path, seen.size) == ("/out/salg.csv", len(CONTENT))
    assert copied(place, seen.path) == CONTENT
    assert place.now(seen.path) == seen
    assert place.now("/out/borte.csv") is None
    place.close()


@pytest.mark.parametrize("joined", ["\n", "", " "])
def test_sftp_with_a_private_key_however_it_was_pasted(server: Sftp, joined: str) -> None:
    pasted = joined.join(server.private_key.splitlines())
    place = at(server, password="", private_key=pasted)
    assert len(place.look()) == 1
    place.close()


def test_sftp_shows_its_key_when_none_was_entered(server: Sftp) -> None:
    with pytest.raises(ConfigurationError) as met:
        at(server, host_key="").look()
    assert server.fingerprint in str(met.value)


def test_sftp_with_another_key_is_refused_before_the_password_is_sent(server: Sftp) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint()
    with pytest.raises(ConfigurationError, match="another key"):
        at(server, host_key=other).look()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"password": "wrong"}, ConfigurationError),
        ({"folder": "/nowhere"}, ConfigurationError),
        ({"private_key": "no key at all"}, ConfigurationError),
    ],
)
def test_sftp_says_what_is_wrong(server: Sftp, changes: dict[str, str], kind: type[ConnectorError]) -> None:
    with pytest.raises(kind) as met:
        at(server, **changes).look()
    assert PASSWORD not in str(met.value)


def test_sftp_that_does_not_answer_is_tried_later(tmp_path: Path) -> None:
    with sftp(tmp_path) as gone:
        place = at(gone)
    with pytest.raises(TryLater):
        place.look()


def test_s3_lists_and_copies(bucket: S3) -> None:
    place = in_bucket(bucket)
    (seen,) = place.look()
    assert (seen.path, seen.size) == ("exports/ut/salg.csv", len(CONTENT))
    assert copied(place, seen.path) == CONTENT
    assert "ut/salg.csv" in bucket.names()


def test_s3_marks_a_new_version(bucket: S3) -> None:
    bucket.put("nytt/a.csv", b"en")
    place = in_bucket(bucket, f"{BUCKET}/nytt")
    first = place.look()
    bucket.put("nytt/a.csv", b"to")
    assert place.look()[0].stamp != first[0].stamp


def test_s3_says_what_is_wrong(bucket: S3) -> None:
    with pytest.raises(ConfigurationError, match="is not there"):
        in_bucket(bucket, "no-such-bucket/ut").look()
    with pytest.raises(ConfigurationError, match="https://"):
        in_bucket(bucket, endpoint="file:///etc")


def test_s3_goes_to_judged_addresses_only(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first answer is public, the one at connection time is not."""
    settings.FOYER_ALLOW_PRIVATE_HOSTS = False
    answers = ["93.184.215.14"]

    def resolver(host: str, port: int, *args: object, **more: object) -> list[object]:
        found = answers.pop(0) if answers else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with socket.create_server(("127.0.0.1", 0)) as inside:
        inside.settimeout(0)
        endpoint = f"https://rebind.example.org:{inside.getsockname()[1]}"
        with pytest.raises(TryLater):
            S3Place("exports", "*", endpoint=endpoint, key=KEY, secret=SECRET).look()
        assert answers == []
        with pytest.raises(BlockingIOError):  # nobody has knocked
            inside.accept()


def heads(server: Sftp, bucket: S3, folder: Path) -> Iterator[tuple[Place, str]]:
    (folder / "salg.csv").write_bytes(CONTENT)
    yield FolderPlace("", "*.csv", root=folder), str(folder / "salg.csv")
    yield at(server), "/out/salg.csv"
    yield in_bucket(bucket), "exports/ut/salg.csv"


def test_the_beginning_of_a_file(server: Sftp, bucket: S3, tmp_path: Path) -> None:
    for place, path in heads(server, bucket, tmp_path):
        assert place.head(path, 4) == CONTENT[:4]
        assert place.head(path, 10**6) == CONTENT
        place.close()
    with pytest.raises(ConfigurationError, match="inside"):
        FolderPlace("", "*", root=tmp_path / "out").head(str(tmp_path / "salg.csv"), 4)


def test_s3_that_does_not_answer_is_tried_later() -> None:
    with pytest.raises(TryLater):
        S3Place("exports", "*", endpoint="http://127.0.0.1:9", key=KEY, secret=SECRET).look()
