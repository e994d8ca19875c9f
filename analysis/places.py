"""A study as named on the command line in, the places of its plan, logs and report out."""

from dataclasses import dataclass
from pathlib import Path

from runner.study import Study

STUDIES = "studies"


@dataclass(frozen=True)
class Places:
    """Where a study's run logs are, where its report goes, and the command that builds it again."""

    logs: Path
    out: Path
    again: str


def places(study: Study, logs: Path | None, out: Path | None) -> Places:
    """The project is the folder that holds studies/, where the plan lies in one, else the current folder."""
    folder = study.path.resolve().parent
    inside = folder.parent.name == STUDIES
    project = folder.parent.parent if inside else Path()
    if inside and project == Path().resolve():
        project = Path()
    return Places(
        logs=logs or project / "modellogs" / study.name,
        out=out or project / "reports" / study.name,
        again="sweepbook build " + (f"{STUDIES}/{study.name}" if inside else study.name),
    )
