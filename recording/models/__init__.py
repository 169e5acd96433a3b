from recording.models.access_attempt import AccessAttempt
from recording.models.appointment import Appointment, AppointmentChange, Declaration
from recording.models.area import District, RegisterSnapshot, Village
from recording.models.audit import AuditEvent, AuditSeal
from recording.models.campaign import Campaign
from recording.models.day_closing import DayClosing, StationTally
from recording.models.home_visit import HomeVisit
from recording.models.hours import Closure, ServiceHours
from recording.models.hours_change import HoursChange
from recording.models.notification import CallAttempt, CallSheet, Notification
from recording.models.office import Office
from recording.models.outage import OfficeOutage
from recording.models.queue import QueueCounter, QueueTicket, TicketEvent
from recording.models.rate_limit import RateBucket
from recording.models.recording import Recording
from recording.models.resident import Resident, ResidentIdentity
from recording.models.roster import Roster, RosterEntry, RosterReject
from recording.models.second_factor import RecoveryCode, SecondFactor
from recording.models.slot import Slot
from recording.models.staff import Approval, User
from recording.models.staff_link import StaffLink
from recording.models.tracking_code import TrackingCode

__all__ = [
    "AccessAttempt",
    "Appointment",
    "AppointmentChange",
    "Approval",
    "AuditEvent",
    "AuditSeal",
    "CallAttempt",
    "CallSheet",
    "Campaign",
    "Closure",
    "DayClosing",
    "Declaration",
    "District",
    "HomeVisit",
    "HoursChange",
    "Notification",
    "Office",
    "OfficeOutage",
    "QueueCounter",
    "QueueTicket",
    "RateBucket",
    "Recording",
    "RecoveryCode",
    "RegisterSnapshot",
    "Resident",
    "ResidentIdentity",
    "Roster",
    "RosterEntry",
    "RosterReject",
    "SecondFactor",
    "ServiceHours",
    "Slot",
    "StaffLink",
    "StationTally",
    "TicketEvent",
    "TrackingCode",
    "User",
    "Village",
]
