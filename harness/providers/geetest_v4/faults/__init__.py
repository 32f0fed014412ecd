"""What only GeeTest can get wrong; importing a module registers its fault."""

from harness.providers.geetest_v4.faults import error_status, unknown_status

__all__ = ["error_status", "unknown_status"]
