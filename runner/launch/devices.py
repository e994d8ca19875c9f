"""What a user asks for in, where and how many at a time runs train out; torch is not imported for it."""

import importlib.util
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from sweepbook.runner.config import Config, SweepbookError, setting

CPUINFO = Path("/proc/cpuinfo")
BF16 = {"avx512_bf16", "amx_bf16", "bf16"}  # what Linux calls it, of Intel, AMD and ARM


def default_jobs(device: str) -> int:
    """One worker a core that this process may use; on a GPU one a device."""
    if device == "cpu":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return len(gpus())


def choose_device(wanted: str) -> str:
    """`cpu` or `cuda`; "auto" is the GPU where there is one. SweepbookError where training is not possible."""
    if importlib.util.find_spec("torch") is None:
        raise SweepbookError("training needs torch, which is not installed; in Sweepbook's checkout: pip install '.[train]'")
    if wanted == "cuda" and not gpus():
        raise SweepbookError('--device cuda: no NVIDIA GPU answers here; use "cpu"')
    return "cuda" if wanted != "cpu" and gpus() else "cpu"


def gpus() -> list[str]:
    """The NVIDIA GPUs that the driver lists, found without importing torch."""
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line for line in listed.stdout.splitlines() if line.startswith("GPU")]


def slower(configs: Iterable[Config]) -> str:
    """One sentence where `configs` ask for bf16 of a processor that does not have it, else ""."""
    if any(setting(config, "precision") == "bf16" for config in configs) and not has_bf16():
        return 'precision = "bf16": this processor has no bf16, so these runs take longer on it than in float32.'
    return ""


def has_bf16() -> bool:
    """Whether the processor multiplies in bfloat16 by itself; True where the system does not say."""
    try:
        lines = CPUINFO.read_text().splitlines()
    except OSError:
        return True
    flags = next((line.split() for line in lines if line.startswith(("flags", "Features"))), None)
    return flags is None or not BF16.isdisjoint(flags)
