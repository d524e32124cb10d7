"""A real SFTP server (asyncssh) on this machine, serving one folder, in a thread of its own."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

USER, PASSWORD = "foyer", "opensesame"


@dataclass
class Sftp:
    """`host_key` is what a client sees; `user_key` opens the door beside the password."""

    folder: Path
    host_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    user_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    port: int = 0

    @property
    def fingerprint(self) -> str:
        return str(self.host_key.get_fingerprint())

    @property
    def private_key(self) -> str:
        return self.user_key.export_private_key("openssh").decode()

    async def start(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_host_keys=[self.host_key],
            server_factory=lambda: _Door(self.user_key),
            sftp_factory=lambda chan: asyncssh.SFTPServer(chan, chroot=os.fsencode(self.folder)),
        )


class _Door(asyncssh.SSHServer):
    def __init__(self, user_key: asyncssh.SSHKey) -> None:
        self.user_key = user_key

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key.public_data == self.user_key.public_data


@contextmanager
def sftp(folder: Path) -> Iterator[Sftp]:
    server = Sftp(folder)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    acceptor = asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    server.port = acceptor.get_port()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(acceptor.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
