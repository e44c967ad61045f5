"""Looking for what is wrong with profiles, sessions and the environment, offline, and mending it."""

from xswitch.doctor.checks import CHECKS
from xswitch.doctor.examine import examine
from xswitch.doctor.finding import Check, Finding, Fix, Severity

__all__ = ["CHECKS", "Check", "Finding", "Fix", "Severity", "examine"]
