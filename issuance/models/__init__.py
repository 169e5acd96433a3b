from issuance.models.card_print import CardPrint
from issuance.models.case import Case, StatusChange
from issuance.models.central_import import CentralImport, CentralImportFile, CentralImportRow, ColumnMapping
from issuance.models.hand_over import HandOver
from issuance.models.issue_time import IssueTime
from issuance.models.letter import InterimLetter, LetterRule
from issuance.models.print_run import PrintPick, PrintRun, PriorityRule
from issuance.models.progress import DirtyDay, OfficeHour, ProgressDay
from issuance.models.shipment import Shipment, ShippedCard
from issuance.models.stall import StallRule
from issuance.models.supply import SupplyBalance, SupplyMovement

__all__ = [
    "CardPrint",
    "Case",
    "CentralImport",
    "CentralImportFile",
    "CentralImportRow",
    "ColumnMapping",
    "DirtyDay",
    "HandOver",
    "InterimLetter",
    "IssueTime",
    "LetterRule",
    "OfficeHour",
    "PrintPick",
    "PrintRun",
    "PriorityRule",
    "ProgressDay",
    "Shipment",
    "ShippedCard",
    "StallRule",
    "StatusChange",
    "SupplyBalance",
    "SupplyMovement",
]
