import pytest

from mobipro.outbox.relay_log import Verdict, look_up

ONE, TWO = "<one@example.org>", "<two@example.org>"


def line(daemon, rest):
    return f"Nov 24 12:00:00 relay postfix/{daemon}[123]: {rest}\n"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "mail.log"

    def write(*lines, name="mail.log"):
        (tmp_path / name).write_text("".join(lines))
        return str(path)

    return write


def test_a_mail_that_the_queue_manager_took_was_accepted(log):
    path = log(
        line("cleanup", f"4FABC123: message-id={ONE}"),
        line("qmgr", "4FABC123: from=<a@example.org>, size=900, nrcpt=1 (queue active)"),
        line("smtp", "4FABC123: to=<b@example.org>, relay=mx[1.2.3.4]:25, delay=1, dsn=2.0.0, status=sent (250 ok)"),
        line("qmgr", "4FABC123: removed"),
    )
    found = look_up(path, {ONE, TWO})
    assert found[ONE].verdict is Verdict.ACCEPTED
    assert "status=sent" in found[ONE].words
    assert found[TWO].verdict is Verdict.ABSENT


def test_a_mail_that_was_broken_off_was_not_accepted(log):
    path = log(
        line("cleanup", f"4FABC123: message-id={ONE}"),
        line("smtpd", "lost connection after DATA (900 bytes) from portal[10.0.0.1]"),
        line("qmgr", "4FAAAAAA: from=<a@example.org>, size=900, nrcpt=1 (queue active)"),
    )
    assert look_up(path, {ONE})[ONE].verdict is Verdict.ABSENT


def test_the_second_attempt_with_the_same_id_counts(log):
    path = log(
        line("cleanup", f"4FABC123: message-id={ONE}"),
        line("cleanup", f"4FABC999: message-id={ONE}"),
        line("qmgr", "4FABC999: from=<a@example.org>, size=900, nrcpt=1 (queue active)"),
    )
    assert look_up(path, {ONE})[ONE].verdict is Verdict.ACCEPTED


def test_a_bounce_is_told_with_the_words_of_the_other_server(log):
    path = log(
        line("cleanup", f"4FABC123: message-id={ONE}"),
        line("qmgr", "4FABC123: from=<a@example.org>, size=900, nrcpt=1 (queue active)"),
        line("smtp", "4FABC123: to=<b@example.org>, dsn=5.1.1, status=bounced (host mx said: 550 User unknown)"),
    )
    found = look_up(path, {ONE})[ONE]
    assert found.verdict is Verdict.BOUNCED
    assert "User unknown" in found.words


def test_a_shortened_log_names_only_what_was_accepted(log):
    path = log(line("cleanup", f"4FABC123: message-id={ONE}"))
    assert look_up(path, {ONE})[ONE].verdict is Verdict.ACCEPTED


def test_the_rotated_log_is_read_as_well(log):
    log(line("cleanup", f"4FABC123: message-id={ONE}"), name="mail.log.1")
    path = log(line("qmgr", "4FABC123: from=<a@example.org>, size=900, nrcpt=1 (queue active)"))
    assert look_up(path, {ONE})[ONE].verdict is Verdict.ACCEPTED


def test_a_log_that_cannot_be_read_says_nothing(tmp_path):
    assert look_up(str(tmp_path / "none"), {ONE}) is None
