"""The demo's mail server: takes every mail over SMTP, keeps it as .eml, and shows it in a small reader.

Usage: python -m deploy.local.mailcatcher FOLDER SMTP_FD WEB_FD. Both are numbers of inherited listening sockets.
Nothing leaves this machine.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from deploy.local.mailreader import reader


class Keeper:
    """aiosmtpd's handler: one file a mail, written aside and renamed, so that a reader never sees half of one."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._last = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self._last = max(self._last + 1, time.time_ns())  # names sort by arrival
        aside = self.folder / f".{self._last}.new"
        recipients = ", ".join(envelope.rcpt_tos)
        aside.write_bytes(f"X-Envelope-To: {recipients}\r\n".encode() + envelope.content)
        aside.rename(self.folder / f"{self._last}.eml")
        return "250 2.0.0 Ok: angenommen"


class SocketController(Controller):
    """aiosmtpd's controller on a socket that listens already."""

    def __init__(self, keeper: Keeper, listening: socket.socket):
        host, port = listening.getsockname()[:2]
        super().__init__(keeper, hostname=host, port=port, ident="mobipro-demo")
        self.listening = listening

    def _create_server(self) -> Awaitable[Any]:
        return self.loop.create_server(self._factory_invoker, sock=self.listening)


def main() -> None:
    folder, smtp, web = (
        Path(sys.argv[1]),
        socket.socket(fileno=int(sys.argv[2])),
        socket.socket(fileno=int(sys.argv[3])),
    )
    folder.mkdir(parents=True, exist_ok=True)
    SocketController(Keeper(folder), smtp).start()
    server = ThreadingHTTPServer(web.getsockname()[:2], reader(folder), bind_and_activate=False)
    server.socket.close()
    server.socket = web
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # every kept mail is whole already
    server.serve_forever()


if __name__ == "__main__":
    main()
