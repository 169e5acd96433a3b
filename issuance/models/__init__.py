from issuance.models.case import Case, StatusChange
from issuance.models.stall import StallRule

__all__ = ["Case", "StallRule", "StatusChange"]
