"""An exhibit becomes rows and nothing is lost."""

from tracer.intake.interface import Column, Reader, Reading, Reject, Role, Table
from tracer.intake.reading import read

__all__ = ["Column", "Reader", "Reading", "Reject", "Role", "Table", "read"]
