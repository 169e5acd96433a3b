from recording.models.access_attempt import AccessAttempt
from recording.models.appointment import Appointment, AppointmentChange, Declaration
from recording.models.area import District, RegisterSnapshot, Village
from recording.models.audit import AuditEvent, AuditSeal
from recording.models.campaign import Campaign
from recording.models.hours import Closure, ServiceHours
from recording.models.notification import Notification
from recording.models.office import Office
from recording.models.queue import QueueCounter, QueueTicket
from recording.models.rate_limit import RateBucket
from recording.models.recording import Recording
from recording.models.resident import Resident, ResidentIdentity
from recording.models.slot import Slot
from recording.models.staff import Approval, User
from recording.models.second_factor import RecoveryCode, SecondFactor
from recording.models.tracking_code import TrackingCode

from recording.models.staff_link import StaffLink
__all__ = [
    "AccessAttempt",
    "Appointment",
    "AppointmentChange",
    "Approval",
    "AuditEvent",
    "AuditSeal",
    "Campaign",
    "Closure",
    "Declaration",
    "District",
    "Notification",
    "Office",
    "QueueCounter",
    "QueueTicket",
    "RateBucket",
    "Recording",
    "RegisterSnapshot",
    "Resident",
    "ResidentIdentity",
    "ServiceHours",
    "RecoveryCode",
    "Slot",
    "TrackingCode",
    "User",
    "SecondFactor",
    "Village",
]
    "StaffLink",
