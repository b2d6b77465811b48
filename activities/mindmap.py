from collections.abc import Callable
from dataclasses import dataclass

from temporalio import activity

from activities.reading import read
from activities.step import Run, Step, Steps
from mindreel.contracts.analysis import Analysis, MindmapNode
from mindreel.contracts.codec import to_json
from mindreel.contracts.inputs import InsightInput
from mindreel.contracts.steps import MindmapMade

_STEP = Step(name="mindmap", stage="mindmap", kind=MindmapMade)


@dataclass(frozen=True)
class MindmapActivity:
    """Title, chapters, key points and terms as a tree whose nodes jump to the second."""

    steps: Steps
    build: Callable[[str, Analysis], MindmapNode]
    to_markmap: Callable[[MindmapNode], str]

    @activity.defn(name="mindmap", no_thread_cancel_exception=True)
    def mindmap(self, given: InsightInput) -> MindmapMade:
        """Build the tree; write JSON and Markdown."""
        inputs = (given.analysis.sha256, given.title)
        return self.steps.perform(_STEP, given.request, inputs, lambda run: self._build(run, given))

    def _build(self, run: Run, given: InsightInput) -> MindmapMade:
        root = self.build(given.title, read(run.store, given.analysis, Analysis))
        tree = run.keep("mindmap.json", to_json(root), "application/json")
        markdown = run.keep("mindmap.md", self.to_markmap(root), "text/markdown")
        return MindmapMade(step=run.report(), tree=tree, markdown=markdown)
