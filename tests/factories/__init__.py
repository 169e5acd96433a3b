"""One factory for each model. Every row is valid alone; NIKs are synthetic (serials 9001-9999).

ResidentFactory()                          a resident with a sealed identity
ResidentFactory(identity__phone="+62...")  the same, with a telephone
AppointmentFactory(slot=slot)              takes a place: the slot's counters stay true
CaseFactory(status="sent")                 a case whose history agrees
"""

from tests.factories.areas import (
    CampaignFactory,
    ClosureFactory,
    DistrictFactory,
    OfficeFactory,
    RegisterSnapshotFactory,
    ServiceHoursFactory,
    VillageFactory,
)
from tests.factories.cases import CaseFactory, StallRuleFactory, StatusChangeFactory
from tests.factories.desk import CallSheetFactory, NotificationFactory, QueueTicketFactory, RecordingFactory
from tests.factories.people import (
    ApprovalFactory,
    ResidentFactory,
    ResidentIdentityFactory,
    TrackingCodeFactory,
    UserFactory,
    synthetic_nik,
)
from tests.factories.rosters import HomeVisitFactory, RosterEntryFactory, RosterFactory
from tests.factories.slots import AppointmentChangeFactory, AppointmentFactory, DeclarationFactory, SlotFactory
from tests.factories.supplies import CardPrintFactory
from tests.factories.traces import AccessAttemptFactory, AuditEventFactory

__all__ = [
    "AccessAttemptFactory",
    "AppointmentChangeFactory",
    "AppointmentFactory",
    "ApprovalFactory",
    "AuditEventFactory",
    "CallSheetFactory",
    "CampaignFactory",
    "CardPrintFactory",
    "CaseFactory",
    "ClosureFactory",
    "DeclarationFactory",
    "DistrictFactory",
    "HomeVisitFactory",
    "NotificationFactory",
    "OfficeFactory",
    "QueueTicketFactory",
    "RecordingFactory",
    "RegisterSnapshotFactory",
    "ResidentFactory",
    "ResidentIdentityFactory",
    "RosterEntryFactory",
    "RosterFactory",
    "ServiceHoursFactory",
    "SlotFactory",
    "StallRuleFactory",
    "StatusChangeFactory",
    "TrackingCodeFactory",
    "UserFactory",
    "VillageFactory",
    "synthetic_nik",
]
