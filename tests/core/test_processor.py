"""Where bfloat16 is worth its lower precision."""

from pathlib import Path

import pytest

from core.processor import has_fast_bfloat16


@pytest.mark.parametrize(
    ("flags", "fast"),
    [
        ("avx512f amx_bf16 amx_tile", True),
        ("avx512f avx512_bf16 avx512_vnni", True),
        ("avx2 fma avx512f", False),
        ("avx512_bf16x not_amx_bf16", False),
        ("", False),
    ],
)
def test_bfloat16_is_used_where_the_processor_has_units_for_it(tmp_path: Path, flags: str, fast: bool) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(f"model name\t: Some Processor\nflags\t\t: fpu {flags} sse2\n\n")
    assert has_fast_bfloat16(told) is fast


def test_where_the_processor_tells_nothing_float32_is_used(tmp_path: Path) -> None:
    assert not has_fast_bfloat16(tmp_path / "missing")
    assert not has_fast_bfloat16(tmp_path)
