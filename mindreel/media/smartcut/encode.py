"""Encodes the edges of a clip so that they can stand beside the source's own packets."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

import av
from av.codec.context import Flags
from av.video.frame import PictureType

from mindreel.contracts.progress import Reporter
from mindreel.errors import CancelledError
from mindreel.media.job import ClipJob
from mindreel.media.smartcut.layout import Layout
from mindreel.media.smartcut.nal import AUD, PPS, SPS, ParameterSets, join, nal_type, parameter_sets, split
from mindreel.media.smartcut.reasons import NotSmartError
from mindreel.media.smartcut.source import Look, look_at, source_frames

FROM, TO = 0.1, 0.6
"""The part of a smart cut's progress that encoding takes."""
MAX_ID = 31
"""seq_parameter_set_id is at most this (H.264, 7.4.2.1.1)."""
ENCODING = {"preset": "ultrafast", "crf": "19", "profile": "high"}
TOOLS = "cabac=1:deblock=0,0:8x8dct=1"
"""What ultrafast leaves out and costs little: measured, a fifth of superfast's size at half its time."""


@dataclass
class Edges:
    """The re-encoded frames, and how some frames of the source look."""

    sets: ParameterSets | None = None
    """None where nothing had to be encoded."""
    packets: dict[int, tuple[bytes, bool]] = field(default_factory=dict)
    """By number of the frame: the packet with four-byte lengths, and whether it is a key frame."""
    looks: dict[int, Look] = field(default_factory=dict)
    """Frames at the ends and at the joins, by number, for the check."""


def encode_edges(job: ClipJob, layout: Layout, *, reporter: Reporter) -> Edges:
    """Encode the frames before and after the copied ones. Raises `NotSmartError`, `CancelledError`.

    Progress runs from `FROM` towards `TO`, which would be all frames of the clip.
    """
    edges = Edges()
    total = len(layout.pts)
    _encode(job, layout, range(layout.head), edges, reporter)
    if layout.tail:
        _encode(job, layout, range(total - layout.tail, total), edges, reporter)
    return edges


def _encode(job: ClipJob, layout: Layout, stretch: range, edges: Edges, reporter: Reporter) -> None:
    """Encode `stretch`; the frame after it is decoded too, to be compared with what was copied."""
    encoder: av.VideoCodecContext | None = None
    around = range(stretch.start, min(len(layout.pts), stretch.stop + 1))
    for number, frame in source_frames(job.media, layout, around):
        if reporter.wait_cancelled(0.0):
            raise CancelledError("The cut was cancelled.")
        reporter.progress(FROM + (TO - FROM) * len(edges.packets) / len(layout.pts))
        if number in {stretch.start, stretch.stop - 1, around.stop - 1}:
            edges.looks[number] = look_at(frame)
        if number in stretch:
            encoder = encoder or _encoder(frame, layout, job)
            _take(encoder.encode(_stamped(frame, number, 1 / job.window.rate)), edges)
    if encoder is not None:
        _take(encoder.encode(None), edges)
        sets = parameter_sets(encoder.extradata or b"")
        if edges.sets not in (None, sets):
            raise NotSmartError("its two edges were encoded with different h264 headers")
        edges.sets = sets
    if any(number not in edges.packets for number in stretch):
        raise NotSmartError("a frame at its edge could not be decoded")


def _encoder(frame: av.VideoFrame, layout: Layout, job: ClipJob) -> av.VideoCodecContext:
    """An x264 whose stream has the source's shape and colours, and ids the source does not use.

    Without B-frames a decoder needs no delay for it, and it may end on any frame.
    """
    free = next((number for number in range(MAX_ID, -1, -1) if number not in layout.sets.ids), None)
    if free is None:
        raise NotSmartError("the source uses up all ids of h264 headers")
    encoder = av.CodecContext.create("libx264", "w")
    if not isinstance(encoder, av.VideoCodecContext):
        raise TypeError("libx264 is a video encoder")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, frame.format.name
    encoder.time_base, encoder.framerate = 1 / job.window.rate, job.window.rate
    encoder.color_range, encoder.colorspace = int(frame.color_range), int(frame.colorspace)
    encoder.color_primaries, encoder.color_trc = int(frame.color_primaries), int(frame.color_trc)
    encoder.sample_aspect_ratio = layout.aspect
    special = f"{TOOLS}:sps-id={free}:stitchable=1:bframes=0:scenecut=0:keyint=infinite"
    encoder.options = {**ENCODING, "x264-params": special}
    encoder.flags |= Flags.global_header
    encoder.open()
    return encoder


def _stamped(frame: av.VideoFrame, number: int, tick: Fraction) -> av.VideoFrame:
    """The frame with its number as time; the encoder chooses its kind, not the source."""
    frame.pts, frame.time_base = number, tick
    frame.pict_type = PictureType.NONE
    return frame


def _take(packets: Iterable["av.Packet[av.VideoStream]"], edges: Edges) -> None:
    for packet in packets:
        units = [unit for unit in split(bytes(packet), 0) if nal_type(unit) not in (SPS, PPS, AUD)]
        edges.packets[packet.pts or 0] = (join(units), packet.is_keyframe)
