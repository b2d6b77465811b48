"""A clip by decoding and encoding again: exact for every source, at the price of an encode."""

import ffmpeg

from mindreel.contracts.progress import Reporter
from mindreel.media.graph import picture_graph
from mindreel.media.job import ClipJob
from mindreel.media.opening import file_argument, input_arguments
from mindreel.media.timeline import seeked_input
from mindreel.media.tools import run_ffmpeg

VIDEO_ENCODING = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-fps_mode", "passthrough")
CONTAINER = ("-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart", "-f", "mp4")


def reencode(job: ClipJob, *, reporter: Reporter, span: tuple[float, float] = (0.0, 1.0)) -> None:
    """Write the clip (mp4, h264, the sound as it is) to `job.target`; `span` as in `run_ffmpeg`."""
    window = job.window
    arguments, shift_s = seeked_input(job.media, window.seek_s, "-an", "-sn")
    filters = _filter_text(picture_graph(ffmpeg.input("source").video, job, shift_s))
    outputs = ["-map", "[video]"]
    if job.sound:
        arguments += input_arguments(job.sound)
        outputs += ["-map", "1:a:0", "-c:a", "copy"]
    run_ffmpeg(
        [
            *arguments, "-filter_complex", filters, *outputs, *VIDEO_ENCODING,
            "-frames:v", str(window.frames), *CONTAINER, file_argument(job.target),
        ],
        duration_s=window.duration_s,
        reporter=reporter,
        what=f"cut {job.target.name}",
        span=span,
        folder=job.captions.folder if job.captions else None,
    )  # fmt: skip


def _filter_text(graph: object) -> str:
    """The graph that ffmpeg-python builds, with its end named [video]."""
    arguments: list[str] = ffmpeg.output(graph, "target").get_args()
    text = arguments[arguments.index("-filter_complex") + 1]
    last = arguments[arguments.index("-map") + 1]
    return text.replace(last, "[video]")
