"""Who and where: places, organisations, people, words. The bottom of the portal; imports no other app."""

from regions.models.figures import FigureRequest, FigureRow
from regions.models.imports import ImportRun
from regions.models.network import Organisation, ParticipantFigure, Project, ProjectLocation, ProjectOrganisation
from regions.models.people import AccountInvitation, ContactAssignment, ContactPerson, RoleAssignment, User
from regions.models.place import BlockedPeriod, FederalState, Region, RegionState
from regions.models.programme import ProgrammeSettings, ResponsibleBody
from regions.models.record import AlreadyReceived, Dated, FormReceipt, Searchable
from regions.models.vocabulary import Cohort, OccupationalField, Phase, SourceCountry, Topic, TrainingOccupation

__all__ = [
    "AccountInvitation",
    "AlreadyReceived",
    "BlockedPeriod",
    "Cohort",
    "ContactAssignment",
    "ContactPerson",
    "Dated",
    "FederalState",
    "FigureRequest",
    "FigureRow",
    "FormReceipt",
    "ImportRun",
    "OccupationalField",
    "Organisation",
    "ParticipantFigure",
    "Phase",
    "ProgrammeSettings",
    "Project",
    "ProjectLocation",
    "ProjectOrganisation",
    "Region",
    "RegionState",
    "ResponsibleBody",
    "RoleAssignment",
    "Searchable",
    "SourceCountry",
    "Topic",
    "TrainingOccupation",
    "User",
]
