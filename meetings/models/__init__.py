"""Plan, invite, answer, attend, record."""

from meetings.models.agenda import AgendaItem
from meetings.models.check_in import CheckIn
from meetings.models.feedback import FeedbackForm, FeedbackResponse
from meetings.models.incoming import IncomingMail
from meetings.models.invitation import Answer, Invitation, InvitationRequest
from meetings.models.mailing import Mailing
from meetings.models.meeting import Meeting, MeetingChange
from meetings.models.notes import ParkedTopic, RiskNote
from meetings.models.outcome import ActionItem, Decision
from meetings.models.poll import DatePoll, PollAnswer, PollOption, PollVote, PollVoter
from meetings.models.preparation import Milestone, PlanningTask, TaskRole, TaskTemplate
from meetings.models.proposal import DateAllowance, DateProposal, DateVeto, FixedDate, FunderAgreement, PlanRun
from meetings.models.registration import Attendance, Registration, SupportNeed
from meetings.models.taking_part import PhotoConsent, WorkshopChoice
from meetings.models.venue import Venue
from meetings.models.wording import MailText
from meetings.models.year import MeetingRound, MeetingSeries

__all__ = [
    "ActionItem",
    "AgendaItem",
    "Answer",
    "Attendance",
    "CheckIn",
    "DateAllowance",
    "DatePoll",
    "DateProposal",
    "DateVeto",
    "Decision",
    "FeedbackForm",
    "FeedbackResponse",
    "FixedDate",
    "FunderAgreement",
    "IncomingMail",
    "Invitation",
    "InvitationRequest",
    "MailText",
    "Mailing",
    "Meeting",
    "MeetingChange",
    "MeetingRound",
    "MeetingSeries",
    "Milestone",
    "ParkedTopic",
    "PhotoConsent",
    "PlanRun",
    "PlanningTask",
    "PollAnswer",
    "PollOption",
    "PollVote",
    "PollVoter",
    "Registration",
    "RiskNote",
    "SupportNeed",
    "TaskRole",
    "TaskTemplate",
    "Venue",
    "WorkshopChoice",
]
