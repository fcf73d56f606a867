"""One SMTP connection for many mails, with an end to every wait.

smtplib's time-out counts per read: a relay that sends a byte a second would hold it for ever. Here each read
and write also ends with the deadline of the mail. And the final dot is sent on its own: before it the relay
cannot have accepted the mail, after it only the relay knows.
"""

import re
import select
import smtplib
import socket
import ssl
import time
from typing import Any, Final

from django.conf import settings

MESSAGE_SECONDS: Final = 40.0  # one mail, all phases together; below the minute after which a worker counts as gone
_RELAY_TROUBLE: Final = frozenset({421, 454, 530, 534, 535, 538})  # not about this mail: closing, or our login
_LEADING_DOT = re.compile(rb"(?m)^\.")


class RelayDown(Exception):
    """The relay cannot be used at all: no connection, no greeting, no login. Nothing was handed over."""


class Refused(Exception):
    """The relay refused this mail; `permanent` tells a 5xx from a 4xx."""

    def __init__(self, code: int, words: str):
        super().__init__(words)
        self.permanent = code >= 500
        self.words = words


class Interrupted(Exception):
    """The connection broke while this mail was on its way; `after_dot`: the relay may have accepted it."""

    def __init__(self, words: str, *, after_dot: bool, timed_out: bool):
        super().__init__(words)
        self.after_dot = after_dot
        self.timed_out = timed_out


class _Reader:
    """Lines from the socket until the client's deadline; stands in for socket.makefile()."""

    def __init__(self, client: "Client"):
        self._client = client
        self._buffer = b""

    def readline(self, limit: int = -1) -> bytes:
        while b"\n" not in self._buffer and (limit < 0 or len(self._buffer) < limit):
            sock = self._client.timed_socket()
            received = sock.recv(8192)
            if not received:
                break
            self._buffer += received
        end = self._buffer.find(b"\n") + 1 or len(self._buffer)
        if limit >= 0:
            end = min(end, limit)
        line, self._buffer = self._buffer[:end], self._buffer[end:]
        return line

    def close(self) -> None:
        self._buffer = b""


class Client(smtplib.SMTP):
    """smtplib's client with deadlines. Use `open()`, then `envelope()` and `content()` for each mail."""

    def __init__(self) -> None:
        self.deadline = time.monotonic() + MESSAGE_SECONDS
        self.handed_over = 0
        super().__init__(
            timeout=settings.EMAIL_TIMEOUT or MESSAGE_SECONDS, local_hostname=socket.gethostname() or "localhost"
        )

    def timed_socket(self) -> socket.socket:
        """The socket, its time-out set to what is left. Raises TimeoutError after the deadline."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("Zeit abgelaufen")
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("Verbindung getrennt")
        self.sock.settimeout(min(left, settings.EMAIL_TIMEOUT or left))
        return self.sock

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = _Reader(self)  # type: ignore[assignment]
        return super().getreply()

    def send(self, s: Any) -> None:
        # Not smtplib's: it turns every error into "please run connect() first".
        self.timed_socket().sendall(s.encode("ascii") if isinstance(s, str) else s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        # Body and final dot are two writes: with Nagle's algorithm each mail would wait 40 ms.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if settings.EMAIL_USE_SSL:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        return sock

    def new_deadline(self) -> None:
        self.deadline = time.monotonic() + MESSAGE_SECONDS

    @classmethod
    def open(cls) -> "Client":
        """Connect, greet, encrypt, log in. Raises RelayDown with the relay's words."""
        client = cls()
        try:
            code, words = client.connect(settings.EMAIL_HOST, settings.EMAIL_PORT)
            if code != 220:
                raise smtplib.SMTPConnectError(code, words)
            client.ehlo_or_helo_if_needed()
            if settings.EMAIL_USE_TLS:
                client.starttls(context=ssl.create_default_context())
            if settings.EMAIL_HOST_USER:
                client.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        except (OSError, smtplib.SMTPException) as error:
            client.close()
            raise RelayDown(_words_of(error)) from error
        return client

    def envelope(self, sender: str, recipient: str) -> None:
        """MAIL FROM and RCPT TO of one mail. Raises Refused, RelayDown or Interrupted; nothing is accepted yet."""
        self.new_deadline()
        self._phase(f"MAIL FROM:<{sender}>", {250})
        self._phase(f"RCPT TO:<{recipient}>", {250, 251})

    def content(self, mail: bytes) -> str:
        """DATA, the mail, the dot; gives the relay's words of acceptance. Raises Refused or Interrupted."""
        self._phase("DATA", {354})
        after_dot = False
        try:
            self.send(_LEADING_DOT.sub(b"..", mail) + (b"" if mail.endswith(b"\r\n") else b"\r\n"))
            self._stop_if_relay_spoke()
            self.timed_socket()  # a worker that slept past the deadline must not send the dot
            after_dot = True
            self.send(".\r\n")
            code, reply = self.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Interrupted(_words_of(error), after_dot=after_dot, timed_out=_timed_out(error)) from error
        words = _text(code, reply)
        if 200 <= code < 300:
            self.handed_over += 1
            return words
        if 400 <= code < 600:
            if code == 421:
                self.close()
            raise Refused(code, words)
        self.close()
        raise Interrupted(words, after_dot=True, timed_out=False)

    def reset(self) -> None:
        """Forget the envelope; a connection that does not answer this is closed."""
        try:
            if self.sock is not None:
                self.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def leave(self) -> None:
        """Say goodbye without waiting long for it."""
        self.deadline = time.monotonic() + 2
        try:
            if self.sock is not None:
                self.quit()
        except (OSError, smtplib.SMTPException):
            self.close()

    def _phase(self, command: str, wanted: set[int]) -> None:
        try:
            code, reply = self.docmd(command)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Interrupted(_words_of(error), after_dot=False, timed_out=_timed_out(error)) from error
        if code in wanted:
            return
        words = _text(code, reply)
        if code in _RELAY_TROUBLE:
            self.close()
            raise RelayDown(words)
        self.reset()
        raise Refused(code if 400 <= code < 600 else 450, words)

    def _stop_if_relay_spoke(self) -> None:
        """A relay that hung up or answered before the dot has not accepted the mail: then do not send the dot."""
        sock = self.timed_socket()
        if not isinstance(sock, ssl.SSLSocket) and select.select([sock], [], [], 0)[0]:
            raise smtplib.SMTPServerDisconnected("Der Mailserver brach vor dem Ende der Mail ab")


def _text(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode('utf-8', 'replace')}".replace("\x00", "")[:1000]


def _timed_out(error: BaseException) -> bool:
    # smtplib reports a time-out while reading as "connection unexpectedly closed".
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _words_of(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return _text(error.smtp_code, words if isinstance(words, bytes) else str(words).encode())
    if _timed_out(error):
        return "Der Mailserver antwortet nicht (Zeit abgelaufen)."
    return f"Verbindung zum Mailserver: {error}"[:1000]
