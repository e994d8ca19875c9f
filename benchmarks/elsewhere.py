"""What a large sweep asks of the folder of logs, of S3, of Ray's driver and of the journal: the rate of each, and what it comes to.

python benchmarks/elsewhere.py [--logs 2000] [--objects 300] [--slots 1 4] [--runs 100000] [--nodes 200]

It needs the extras ray and remote, s3fs and moto[server]. Runs are made up and trained by nobody, so it measures all but training.
The S3 server is moto on this machine: what it takes is its own time, and no network's.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import ray
from sweepbook.analysis.logs.address import folder_of
from sweepbook.analysis.logs.mirror import Mirror, mirrored
from sweepbook.runner.launch import rays
from sweepbook.runner.launch.events import Ended, Job, Progress, Started, Terms
from sweepbook.runner.launch.slot import Sent
from sweepbook.runner.launch.sweeps import outlook, training
from sweepbook.runner.logtext import to_toml, write_run
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import Epoch, Run
from sweepbook.runner.study import PlannedRun, Study

EPOCHS = 20
PLAN = """
[study]
title = "Large"
metric = "valid_accuracy"
seeds = [{seeds}]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 16
units2 = 16
depth = 2
epochs = 20
batch_size = 32
lr = 0.001
optimizer = "Adam"
[[group]]
name = "all"
title = "All"
grid = {{ lr = [0.001] }}
"""


def log_of(run: PlannedRun, status: str = "finished") -> Run:
    """A log as long as one of 20 epochs."""
    scores = {"train_loss": 0.4123456789, "valid_loss": 0.4312345678, "valid_accuracy": 0.8431234567}
    series = {name: [value] * EPOCHS for name, value in {**scores, "seconds": 0.5123, "lr": 0.001}.items()}
    return Run(run.label, "large", run.seed, status, datetime.now(UTC), 1.0, run.config, metrics=scores, epochs=series)


def made_up(folder: Path, runs: int) -> Study:
    """A plan of so many runs: seeds of one configuration."""
    (folder / "study.toml").write_text(PLAN.format(seeds=", ".join(map(str, range(runs)))))
    return load_study(folder)


def local(study: Study, logs: Path) -> None:
    """Writing logs to a folder here, and what the launcher reads before it begins."""
    began = time.perf_counter()
    for run in study.runs:
        folder = logs / f"{run.label}-s{run.seed}"
        folder.mkdir(parents=True)
        write_run(folder, log_of(run))
    written = time.perf_counter() - began
    size = len(to_toml(log_of(study.runs[0])))
    print(f"logs written here, each flushed to disk: {len(study.runs) / written:,.0f} a second, {size:,} bytes each")
    began = time.perf_counter()
    assert not outlook(study, logs).missing
    print(f"logs read by the launcher before it begins: {len(study.runs) / (time.perf_counter() - began):,.0f} a second")


def storage(study: Study, count: int) -> None:
    """Putting, listing and fetching logs at S3, by moto."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    known = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "one", "AWS_SECRET_ACCESS_KEY": "two"}
    os.environ.update(known, AWS_DEFAULT_REGION="us-east-1")
    boto3.client("s3").create_bucket(Bucket="lab")
    logs = mirrored("s3://lab/large")
    for run in study.runs[:count]:
        (logs / f"s{run.seed}").mkdir()
        write_run(logs / f"s{run.seed}", log_of(run))
    mirror = Mirror(logs)
    print(f"logs put to moto: {rate(count, lambda: mirror.put(mirror.unput())):,.0f} a second")
    print(f"logs listed at moto, none of them new: {rate(count, mirror.fetch):,.0f} a second")
    os.environ["XDG_CACHE_HOME"] += "-other"
    other = Mirror(folder_of("s3://lab/large"))
    print(f"logs fetched from moto: {rate(count, other.fetch):,.0f} a second")
    server.stop()


def rate(count: int, work: object) -> float:
    """How many a second."""
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return count / (time.perf_counter() - began)


class Silent:
    """A slot that trains nothing: each job ends at once, after answers of an epoch each."""

    answers = EPOCHS

    def __init__(self, terms: Terms, every: float) -> None:
        pass

    def version(self) -> str:
        return rays.version("sweepbook")

    def serve(self, job: Job, logs: Sequence[str] = ()) -> Iterator[Sent]:
        (run,) = job.runs
        text = to_toml(log_of(run))
        begun = to_toml(replace(log_of(run, "running"), epochs={}, metrics={}))
        yield Sent((Started(run, Path()),), {run.key: begun})
        for number in range(1, self.answers + 1):
            yield Sent((Progress(run, number, Epoch(0.4, 0.4, 0.8, 0.5, 0.001, 300)),), {run.key: text})
        yield Sent((Ended(run, "finished", 1.0),), {run.key: text})

    def close(self) -> None:
        pass


class Hasty(Silent):
    """The same without an epoch: what the scheduling of a job costs."""

    answers = 0


def driver(study: Study, logs: Path, slots: int, jobs: int, kind: type[Silent]) -> float:
    """The answers of slots that this process takes in a second, their logs written."""
    logs.mkdir()
    rays.Slot = kind  # type: ignore[misc, assignment]
    ray.init(num_cpus=slots, log_to_driver=False, logging_level="ERROR")
    with rays.Cluster(Terms("large", logs, "cpu", False, {}, frozenset(), ()), slots) as cluster:
        list(cluster.run(training(study.runs[: 2 * slots])))  # the slots start
        began = time.perf_counter()
        events = sum(1 for _ in cluster.run(training(study.runs[2 * slots : 2 * slots + jobs])))
        return events / (time.perf_counter() - began)


def choosing(places: int) -> float:
    """Seconds in which the driver finds a free slot among so many, the last of which is free."""
    cluster = rays.Cluster.__new__(rays.Cluster)
    cluster.places = [rays.Place(None, None, True, object()) for _ in range(places - 1)]  # type: ignore[arg-type]
    cluster.places.append(rays.Place(None, None, True))
    began = time.perf_counter()
    for _ in range(20):
        assert next(place for place in cluster.places if place.ready and not place.job)
    return (time.perf_counter() - began) / 20


def waiting(places: int) -> float:
    """Seconds in which the driver asks Ray which of so many slots has answered, where one has."""
    ray.init(num_cpus=1, log_to_driver=False, logging_level="ERROR")
    never = ray.remote(Silent.version).options(resources={"nowhere": 1})
    streams = [never.remote(None) for _ in range(places - 1)] + [ray.put(1)]
    began = time.perf_counter()
    for _ in range(20):
        ray.wait(streams, num_returns=1)
        ray.wait(streams, num_returns=len(streams), timeout=0)
    taken = (time.perf_counter() - began) / 20
    ray.shutdown()
    return taken


def paper(runs: int, places: int, answers: float) -> None:
    """What `runs` of several lengths ask of the driver: two answers a run, and between them one an epoch, but no more than it has
    the slots send."""
    print(f"\n{runs:,} runs, {places:,} at a time; the driver takes {answers:,.0f} answers a second")
    every = max(rays.EVERY, places / rays.ANSWERED)
    for seconds in (1, 10, 60, 600, 3600):
        asked = places * (2 + min(EPOCHS, seconds / every)) / seconds
        hours = runs / places * seconds * max(1.0, asked / answers) / 3600
        print(f"  runs of {seconds:>4} s: {asked:>6,.0f} answers a second, {asked / answers:>6.2f} of that; {hours:.2f} hours")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--logs", type=int, default=2000)
    parser.add_argument("--objects", type=int, default=300)
    parser.add_argument("--slots", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--cores", type=int, default=16)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        study = made_up(folder, asked.logs)
        local(study, folder / "logs")
        storage(study, asked.objects)
        for slots in asked.slots:
            told = driver(study, folder / f"told-{slots}", slots, asked.jobs, Silent)
            bare = driver(study, folder / f"bare-{slots}", slots, asked.jobs, Hasty)
            print(f"{slots} slots: {told:,.0f} answers a second; {bare / 2:,.0f} runs a second that end as they begin")
    places = asked.nodes * asked.cores
    print(f"finding a free slot among {places:,}: {choosing(places) * 1000:.2f} ms")
    print(f"finding which of {places:,} have answered: {waiting(places) * 1000:.1f} ms")
    paper(asked.runs, places, told)


if __name__ == "__main__":
    main()
