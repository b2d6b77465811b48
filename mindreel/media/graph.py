"""The picture of a re-encoded clip as one ffmpeg filter graph: timing, shape, captions."""

from typing import Any

import ffmpeg

from mindreel.media.job import ClipJob
from mindreel.media.picture import Shape, even

BLUR_SHRINK = 8
ENDLESS = {"stop": -1, "stop_mode": "clone"}
"""The last frame stays; the number of frames that are written ends it."""


def picture_graph(
    stream: Any,  # noqa: ANN401 - ffmpeg-python has no types
    job: ClipJob,
    shift_s: float,
) -> Any:  # noqa: ANN401 - ffmpeg-python has no types
    """The filters from the decoded stream, to the frames of the clip.

    The stream's clock shows `shift_s` more than the video's seconds.
    """
    window = job.window
    if window.interlaced:
        stream = stream.filter("bwdif", mode="send_frame", deint="interlaced")
    rate = f"{window.rate.numerator}/{window.rate.denominator}"
    if window.constant:
        begin = max(0.0, window.start_s - window.frame_s / 2 + shift_s)
        stream = stream.filter("trim", start=f"{begin:.6f}")
        stream = stream.filter("setpts", f"N/({rate})/TB").filter("fps", rate)
    else:
        begin = max(0.0, window.start_s + shift_s)
        stream = stream.filter("tpad", **ENDLESS)  # before `fps`: the picture may end before the clip begins
        stream = stream.filter("fps", rate, start_time=f"{begin:.6f}").filter("setpts", "PTS-STARTPTS")
    if window.hdr:
        stream = _tone_mapped(stream)
    stream = _laid_out(stream, job.shape).filter("setsar", 1)
    if job.captions:
        stream = stream.filter("ass", filename="captions.ass", fontsdir="fonts")
    if window.constant:
        stream = stream.filter("tpad", **ENDLESS)
    return stream.filter("format", "yuv420p")


def _tone_mapped(stream: Any) -> Any:  # noqa: ANN401 - ffmpeg-python has no types
    """HDR to the range and colours of ordinary screens (ITU-R BT.709), highlights rolled off."""
    linear = stream.filter("zscale", t="linear", npl=100).filter("format", "gbrpf32le")
    mapped = linear.filter("zscale", p="bt709").filter("tonemap", tonemap="hable", desat=0)
    return mapped.filter("zscale", t="bt709", m="bt709", r="tv")


def _laid_out(stream: Any, shape: Shape) -> Any:  # noqa: ANN401 - ffmpeg-python has no types
    width, height = shape.width, shape.height
    if shape.layout == "whole":
        return stream.filter("scale", width, height)
    stream = stream.filter("scale", "iw*sar", "ih")  # square pixels first
    if shape.layout == "crop":
        scaled = stream.filter("scale", width, height, force_original_aspect_ratio="increase")
        return scaled.filter("crop", width, height)
    copies = stream.filter_multi_output("split", 2)
    small = (even(width // BLUR_SHRINK), even(height // BLUR_SHRINK))
    back = copies[0].filter("scale", *small, force_original_aspect_ratio="increase").filter("crop", *small)
    back = back.filter("gblur", sigma=6).filter("eq", brightness=-0.15).filter("scale", width, height)
    front = copies[1].filter(
        "scale", width, height, force_original_aspect_ratio="decrease", force_divisible_by=2
    )
    return ffmpeg.overlay(back, front, x="(W-w)/2", y="(H-h)/2")
