"""The smart cut from beginning to end."""

from concurrent.futures import Future

from mindreel.contracts.progress import Reporter
from mindreel.media.job import ClipJob
from mindreel.media.smartcut.check import check_smart
from mindreel.media.smartcut.encode import FROM, TO, encode_edges
from mindreel.media.smartcut.layout import lay_out
from mindreel.media.smartcut.write import write_clip


def smart_cut(job: ClipJob, sound_ready: Future[None], *, reporter: Reporter) -> float:
    """Write the clip to `job.target`, check it, and give the share of frames that were copied.

    `job.sound` is read once `sound_ready` is done. Raises `NotSmartError` with the reason where the source
    does not allow a smart cut or the check finds a fault (a file may then lie at the target),
    `CancelledError`, and what `sound_ready` raises.
    """
    layout = lay_out(job)
    reporter.progress(FROM)
    edges = encode_edges(job, layout, reporter=reporter)
    reporter.progress(TO)
    sound_ready.result()
    write_clip(job, layout, edges)
    reporter.progress(0.8)
    check_smart(job, layout, edges)
    reporter.progress(1.0)
    return layout.copied_share
