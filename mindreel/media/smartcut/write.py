"""Writes the clip: re-encoded and copied packets in one track, the sound beside it."""

from collections.abc import Iterator
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer

from mindreel.media.job import ClipJob
from mindreel.media.opening import file_argument, open_media
from mindreel.media.smartcut.encode import Edges
from mindreel.media.smartcut.layout import Layout
from mindreel.media.smartcut.nal import ParameterSets, avcc
from mindreel.media.smartcut.reasons import NotSmartError
from mindreel.media.smartcut.source import copied_packets
from mindreel.media.streams import picture_stream


def write_clip(job: ClipJob, layout: Layout, edges: Edges) -> None:
    """Write `job.target`: frames evenly spaced from 0, the index before the data.

    Decoding times are the frame numbers shifted by the reordering delay, so they are even as well, and no
    frame is shown before it is decoded.
    """
    order = _order(layout)
    delay = max(place - number for place, number in enumerate(order))
    with (
        open_media(job.media) as source,
        av.open(file_argument(job.target), "w", format="mp4", options={"movflags": "faststart"}) as target,
    ):
        picture = _picture_track(source, target, layout, edges, job)
        mixer = _Sound(target, job.sound)
        for place, (number, data, key) in enumerate(_packets(job, layout, edges)):
            packet = av.Packet(data)
            packet.stream, packet.time_base = picture, 1 / job.window.rate
            packet.pts, packet.dts, packet.duration = number, place - delay, 1
            packet.is_keyframe = key
            target.mux_one(packet)
            mixer.mux_until(number * job.window.frame_s)
        mixer.mux_until(float("inf"))
        mixer.close()


def _order(layout: Layout) -> list[int]:
    """The frames' numbers in order of decoding."""
    numbers = layout.numbers
    total = len(layout.pts)
    copied = [numbers[sample.pts] for sample in layout.copied]
    return [*range(layout.head), *copied, *range(total - layout.tail, total)]


def _packets(job: ClipJob, layout: Layout, edges: Edges) -> Iterator[tuple[int, bytes, bool]]:
    total = len(layout.pts)
    for number in range(layout.head):
        yield number, *edges.packets[number]
    yield from copied_packets(job.media, layout)
    for number in range(total - layout.tail, total):
        yield number, *edges.packets[number]


def _picture_track(
    source: InputContainer, target: OutputContainer, layout: Layout, edges: Edges, job: ClipJob
) -> av.VideoStream:
    """A track like the source's (size, colours, rotation) whose header carries both encodings' sets."""
    template = picture_stream(source)
    if template is None:
        raise NotSmartError("the picture was not found")
    track = target.add_stream_from_template(template)
    track.time_base = 1 / job.window.rate
    track.codec_context.extradata = avcc(layout.sets, edges.sets or ParameterSets((), (), 0))
    return track


class _Sound:
    """Copies the finished sound into the clip, in step with the picture."""

    def __init__(self, target: OutputContainer, sound: Path | None) -> None:
        self._target = target
        self._source = open_media(sound) if sound else None
        self._waiting: "av.Packet[av.AudioStream] | None" = None
        if self._source:
            stream = self._source.streams.audio[0]
            self._track = target.add_stream_from_template(stream)
            self._packets = self._source.demux(stream)
            self._waiting = self._next()

    def mux_until(self, time_s: float) -> None:
        """Write the packets up to `time_s`."""
        while self._waiting is not None and _time_s(self._waiting) <= time_s:
            self._waiting.stream = self._track
            self._target.mux_one(self._waiting)
            self._waiting = self._next()

    def close(self) -> None:
        """Close the sound's file."""
        if self._source:
            self._source.close()

    def _next(self) -> "av.Packet[av.AudioStream] | None":
        packet = next(self._packets, None)
        return packet if packet is not None and packet.dts is not None else None


def _time_s(packet: "av.Packet[av.AudioStream]") -> float:
    return float((packet.dts or 0) * (packet.time_base or 0))
