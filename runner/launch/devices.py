"""What a user asks for in, where and how many at a time runs train out; torch is not imported for it."""

import importlib.util
import os
import subprocess

from sweepbook.runner.config import SweepbookError


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
