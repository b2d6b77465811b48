from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.library_files import LibraryFile, library_files, manifest_entries
from activities.report_input import report_input
from activities.step import Run, Step, Steps
from mindreel.contracts.codec import to_json
from mindreel.contracts.inputs import ResultInput
from mindreel.contracts.manifest import Manifest
from mindreel.contracts.steps import Published, outcome_of
from mindreel.report.page import ReportInput

_STEP = Step(name="publish", stage="publish", kind=Published, reusable=False)
"""Written anew each time: it is quick, and a person may have deleted or changed something."""


class LibraryWriter(Protocol):
    """Writes a video's folder; see `mindreel.store.library`."""

    def replace(self, name: str, files: Mapping[str, Path | bytes]) -> Path:
        """The folder, replaced whole."""


@dataclass(frozen=True)
class PublishActivity:
    """The library folder: readable names, a manifest and the page."""

    steps: Steps
    library: LibraryWriter
    render: Callable[[ReportInput], str]
    software: dict[str, str]
    """Name to version, for the manifest."""

    @activity.defn(name="publish", no_thread_cancel_exception=True)
    def publish(self, given: ResultInput) -> Published:
        """Write every artifact, manifest.json and report.html."""
        return self.steps.perform(_STEP, given.request, (), lambda run: self._publish(run, given))

    def _publish(self, run: Run, given: ResultInput) -> Published:
        published = library_files(given.outputs)
        page = report_input(run.store, given, published, outcome_of(given.remarks))
        files: dict[str, Path | bytes] = {
            file.path: run.store.local_path(file.ref) for file in published.values()
        }
        files["manifest.json"] = to_json(_manifest(given, published, self.software))
        files["report.html"] = self.render(page).encode()
        run.reporter.progress(0.5, f"{len(files)} files")
        folder = self.library.replace(given.request.video.id, files)
        names = {name: file.path for name, file in published.items()}
        names |= {"manifest": "manifest.json", "report": "report.html"}
        return Published(step=run.report(), library=str(folder), artifacts=names)


def _manifest(given: ResultInput, files: dict[str, LibraryFile], software: dict[str, str]) -> Manifest:
    downloaded = given.outputs.downloaded
    return Manifest(
        id=given.request.video.id,
        source=given.request.source,
        title=downloaded.title if downloaded else "",
        outcome=outcome_of(given.remarks),
        reasons=tuple(remark.text for remark in given.remarks if remark.degraded),
        notes=tuple(remark.text for remark in given.remarks if not remark.degraded),
        options=given.request.options,
        stages=given.stages,
        artifacts=manifest_entries(files),
        software=software,
    )
