from collections.abc import Callable
from dataclasses import dataclass

from temporalio import activity

from activities.library_files import LibraryFile, library_files, manifest_entries
from activities.report_input import report_input
from activities.step import Run, Step, Steps
from mindreel.contracts.inputs import ResultInput
from mindreel.contracts.manifest import Manifest
from mindreel.contracts.publication import Publication
from mindreel.contracts.steps import Published, outcome_of
from mindreel.report.page import ReportInput
from mindreel.store.protocols import Library

_STEP = Step(name="publish", stage="publish", kind=Published, reusable=False)
"""Written anew each time: it is quick, and a person may have deleted or changed something."""


@dataclass(frozen=True)
class PublishActivity:
    """The library folder: readable names, a manifest and the page."""

    steps: Steps
    library: Library
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
        publication = Publication(
            video_id=given.request.video.id,
            manifest=_manifest(given, published, self.software),
            page=self.render(page),
            files={file.path: file.ref for file in published.values()},
            info=page.info,
            transcript=page.transcript if given.outputs.transcribed else None,
            analysis=page.analysis if given.outputs.analyzed else None,
            mindmap=page.mindmap,
            clips=given.outputs.clips,
        )
        run.reporter.progress(0.5, f"{len(published)} files")
        place = self.library.publish(publication, folder=run.folder, tick=run.watched("publishing"))
        names = {name: file.path for name, file in published.items()}
        names |= {"manifest": "manifest.json", "report": "report.html"}
        return Published(step=run.report(), library=place, artifacts=names)


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
