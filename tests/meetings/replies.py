"""Answers and delivery reports as the big programs write them; made by hand from the standards, for any invitation."""

import textwrap
from base64 import encodebytes
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

STAMP = "%Y%m%dT%H%M%SZ"
OUTLOOK_ZONE = """BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
PRODUCTS = {
    "outlook": "-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN",
    "exchange": "Microsoft Exchange Server 2010",
    "outlook.com": "Microsoft Exchange Server 2010",
    "gmail": "-//Google Inc//Google Calendar 70.9054//EN",
    "apple": "-//Apple Inc.//macOS 15.1//EN",
    "thunderbird": "-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN",
}


def now():
    return datetime.now(tz=UTC)


def calendar(
    invitation,
    partstat="ACCEPTED",
    *,
    client="gmail",
    method="REPLY",
    sequence=None,
    stamped_at=None,
    attendee="",
    params="",
    lines="",
):
    """The calendar object of one answer, CRLF."""
    meeting = invitation.meeting
    start = meeting.starts_at.astimezone(UTC)
    exchange = client in ("exchange", "outlook.com")
    zone = OUTLOOK_ZONE if exchange else ""
    times = f"DTSTART:{start:{STAMP}}\nDTEND:{meeting.ends_at.astimezone(UTC):{STAMP}}\n"
    if exchange:
        local = start + timedelta(hours=1)
        times = f"DTSTART;TZID=W. Europe Standard Time:{local:%Y%m%dT%H%M%S}\n"
    organizer = "" if client == "outlook.com" else f"ORGANIZER:mailto:{meeting.organizer_email}\n"
    number = meeting.ics_sequence if sequence is None else sequence
    text = (
        f"BEGIN:VCALENDAR\nMETHOD:{method}\nPRODID:{PRODUCTS[client]}\nVERSION:2.0\n{zone}"
        f"BEGIN:VEVENT\n{organizer}"
        f"ATTENDEE;PARTSTAT={partstat};CN=Ana Arndt{params}:mailto:{attendee or invitation.email}\n"
        f"UID:{meeting.ics_uid}\nSEQUENCE:{number}\nDTSTAMP:{stamped_at or now():{STAMP}}\n{times}"
        f"SUMMARY:{meeting.title}\n{lines}END:VEVENT\nEND:VCALENDAR\n"
    )
    return text.replace("\n", "\r\n").encode()


def _multipart(kind, border, *parts):
    inner = "".join(f"--{border}\n{part}" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{border}"\n\n{inner}--{border}--\n'


def answer(invitation, partstat="ACCEPTED", *, client="gmail", sender="", headers="", about="", **options):
    """The whole mail with that answer, as this program sends it."""
    content = encodebytes(calendar(invitation, partstat, client=client, **options)).decode()
    sender = sender or invitation.email
    in_reply_to = f"In-Reply-To: {about}\nReferences: {about}\n" if about else ""
    head = (
        f"From: =?utf-8?Q?Ana_=C3=84rndt?= <{sender}>\nTo: {invitation.meeting.organizer_email}\n"
        f"Subject: Accepted: {partstat}\nMessage-ID: <{client}-{now().timestamp()}@client.example>\n"
        f"Date: {format_datetime(now())}\n{in_reply_to}{headers}MIME-Version: 1.0\n"
    )
    part = f'Content-Type: text/calendar; charset="utf-8"; method={options.get("method", "REPLY")}\n'
    part += f"Content-Transfer-Encoding: base64\n\n{content}\n"
    text = "Content-Type: text/plain\n\nZusage\n"
    if client in ("exchange", "outlook.com", "outlook"):
        # The calendar beside a text, nothing attached.
        body = _multipart("alternative", "b1", text, part)
    elif client == "thunderbird":
        body = _multipart("mixed", "b1", text, part)
    else:
        attached = part.replace("text/calendar", "application/ics").replace("; method=REPLY", '; name="invite.ics"')
        body = _multipart("mixed", "b0", _multipart("alternative", "b1", text, part), attached)
    return (head + body).replace("\n", "\r\n").encode()


def report(*, to, final_recipient, action="failed", status="5.1.1", words="550 5.1.1 User unknown", returned=""):
    """A delivery report (RFC 3464) of another mail server."""
    returned = f"--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: {returned}\n\n" if returned else ""
    text = textwrap.dedent(
        f"""\
        From: MAILER-DAEMON@mx.example
        To: {to}
        Subject: Undelivered Mail Returned to Sender
        Message-ID: <{now().timestamp()}@mx.example>
        Date: {format_datetime(now())}
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

        --b1
        Content-Type: text/plain

        This is the mail system at host mx.example.

        --b1
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example

        Final-Recipient: rfc822; {final_recipient}
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; {words}

        """
    )
    return (text + returned + "--b1--\n").replace("\n", "\r\n").encode()


def text_mail(*, sender, subject="Re: Einladung", text="Ich komme vielleicht mit dem Zug.", headers="", about=""):
    in_reply_to = f"In-Reply-To: {about}\n" if about else ""
    head = (
        f"From: {sender}\nTo: vernetzung@example.org\nSubject: {subject}\nDate: {format_datetime(now())}\n"
        f"Message-ID: <{now().timestamp()}@client.example>\n{in_reply_to}{headers}"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
    )
    return f"{head}{text}\n".replace("\n", "\r\n").encode()
