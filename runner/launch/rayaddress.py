"""The address of a Ray cluster in, this process joined to it, the device and how many runs go side by side out."""

import importlib.util
import os
import signal
import socket

from sweepbook.runner.config import SweepbookError

ANSWERS = 10.0  # seconds that a cluster has to accept a connection
MISSING = "--executor ray needs Ray, which is not installed: pip install 'ray>=2.40'; in Sweepbook's checkout: pip install '.[ray]'"


def connect(address: str | None, wanted: str, jobs: int | None) -> tuple[str, int]:
    """Joins the Ray cluster at `address`, else the one that RAY_ADDRESS or this machine has, else starts one here.

    Returns the device to train on and how many runs go side by side: `jobs`, or as many as there are cores, on a GPU devices.
    """
    if importlib.util.find_spec("ray") is None:
        raise SweepbookError(MISSING)
    import ray

    check(address or os.environ.get("RAY_ADDRESS"))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if not ray.is_initialized():
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise SweepbookError(f"--executor ray: no cluster answers at {address or 'RAY_ADDRESS'}: {line_of(error)}") from None
    finally:
        for number, handler in handlers.items():  # Ray has SIGTERM end the process at once
            signal.signal(number, handler)
    has = ray.cluster_resources()
    if wanted == "cuda" and not has.get("GPU"):
        raise SweepbookError("--device cuda: the Ray cluster has no GPU; use --device cpu")
    device = "cuda" if wanted != "cpu" and has.get("GPU") else "cpu"
    return device, jobs or max(int(has.get("GPU" if device == "cuda" else "CPU", 1)), 1)


def check(address: str | None) -> None:
    """SweepbookError where nothing listens at `address`, which Ray would only say after minutes."""
    if address and address.startswith("ray://"):
        raise SweepbookError(f"--executor ray: {address} is for Ray Client; run this on a machine of the cluster, with HOST:PORT")
    host, _, port = (address or "").rpartition(":")
    if not host or not port.isdecimal():  # auto, local, or no address at all
        return
    try:
        socket.create_connection((host, int(port)), ANSWERS).close()
    except OSError as error:
        raise SweepbookError(f"--executor ray: no cluster answers at {address}: {error.strerror or error}") from None


def line_of(error: Exception) -> str:
    """What an error says, in one line: Ray's have many."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(":.") if lines else type(error).__name__
