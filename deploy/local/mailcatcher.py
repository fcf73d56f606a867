"""The demo's mail server: takes every mail over SMTP, keeps it as .eml, and shows it in a small reader.

Usage: python -m deploy.local.mailcatcher FOLDER SMTP_PORT WEB_PORT. Nothing leaves this machine.
"""

import os
import signal
import sys
import time
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


def main() -> None:
    folder, smtp_port, web_port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(Keeper(folder), hostname="127.0.0.1", port=smtp_port, ident="mobipro-demo")
    controller.start()
    server = ThreadingHTTPServer(("127.0.0.1", web_port), reader(folder))
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # every kept mail is whole already
    server.serve_forever()


if __name__ == "__main__":
    main()
