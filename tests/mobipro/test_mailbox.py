"""Reading a mailbox of a real IMAP server: each mail once, and a bad one does not keep the others."""

import getpass
import imaplib
import os
import pwd
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from mobipro import mailbox

DOVECOT = Path("/usr/sbin/dovecot")
PASSWORD = "geheim/mit:Zeichen@"
CONFIGURATION = """\
protocols = imap
base_dir = {folder}/run
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
default_login_user = {login_user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 0
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@pytest.fixture(scope="module")
def server():
    """The port of a private Dovecot with one empty mailbox."""
    with tempfile.TemporaryDirectory(prefix="mobipro-imap-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root, Dovecot's own users must get at its sockets
        yield from _run(folder)


def _run(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    names = {"login_user": getpass.getuser(), "user": getpass.getuser(), "group": folder.group()}
    owner = {"uid": os.geteuid(), "gid": os.getegid()}
    (folder / "mail").mkdir()
    if os.geteuid() == 0:
        # Dovecot gives root neither its login process nor a mailbox.
        names = {"login_user": "dovenull", "user": "dovecot", "group": "dovecot"}
        nobody = pwd.getpwnam("nobody")
        owner = {"uid": nobody.pw_uid, "gid": nobody.pw_gid}
        os.chown(folder / "mail", *owner.values())
    file = folder / "dovecot.conf"
    file.write_text(CONFIGURATION.format(folder=folder, port=port, password=PASSWORD, **names, **owner))
    process = subprocess.Popen([DOVECOT, "-F", "-c", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            raise AssertionError((folder / "log").read_text())
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def url(server):
    """The mailbox, with nothing in it."""
    with imaplib.IMAP4("127.0.0.1", server) as connection:
        connection.login("vernetzung", PASSWORD)
        connection.select("INBOX")
        found = connection.search(None, "ALL")[1][0].split()
        for number in found:
            connection.store(number, "+FLAGS", r"(\Deleted)")
        connection.expunge()
    return f"imap://vernetzung:geheim%2Fmit%3AZeichen%40@127.0.0.1:{server}/INBOX"


def drop(url, *mails):
    with imaplib.IMAP4("127.0.0.1", int(url.rpartition(":")[2].partition("/")[0])) as connection:
        connection.login("vernetzung", PASSWORD)
        for mail in mails:
            connection.append("INBOX", "", imaplib.Time2Internaldate(time.time()), mail)


def test_each_unread_mail_is_taken_once(url):
    drop(url, b"Subject: eins\r\n\r\nText\r\n", b"Subject: zwei\r\n\r\nText\r\n")
    taken = []
    assert mailbox.each_unread(url, taken.append) == 2
    assert [mail.split(b"\r\n")[0] for mail in taken] == [b"Subject: eins", b"Subject: zwei"]
    assert mailbox.each_unread(url, taken.append) == 0


def test_mail_that_cannot_be_taken_stays_unread_and_stops_nobody(url):
    drop(url, b"Subject: schlecht\r\n\r\n", b"Subject: gut\r\n\r\n")
    taken = []

    def take(raw):
        if b"schlecht" in raw:
            raise ValueError("database gone")
        taken.append(raw)

    assert mailbox.each_unread(url, take) == 1
    assert mailbox.each_unread(url, taken.append) == 1
    assert [b"schlecht" in mail for mail in taken] == [False, True]


def test_wrong_password_and_missing_folder_are_said(url):
    with pytest.raises(mailbox.MailboxError, match="nicht lesbar"):
        mailbox.each_unread(url.replace("geheim", "falsch"), print)
    with pytest.raises(mailbox.MailboxError, match="gibt es im Postfach nicht"):
        mailbox.each_unread(url.replace("/INBOX", "/Antworten"), print)


def test_server_that_is_not_there_is_said():
    with pytest.raises(mailbox.MailboxError, match="nicht lesbar"):
        mailbox.each_unread("imap://vernetzung:x@127.0.0.1:1/INBOX", print)


@pytest.mark.parametrize("wrong", ["", "http://example.org", "imaps://example.org/INBOX", "imap://"])
def test_address_of_another_kind_is_refused_with_the_right_form(wrong):
    with pytest.raises(mailbox.MailboxError, match="imaps://name:passwort@server/INBOX"):
        mailbox.each_unread(wrong, print)
