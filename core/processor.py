"""What this machine's processor is good at."""

from __future__ import annotations

from pathlib import Path


def has_fast_bfloat16(cpu_information: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether bfloat16 runs on matrix units (AMX), where it trains twice as fast; False where nobody can tell."""
    try:
        return "amx_bf16" in cpu_information.read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
