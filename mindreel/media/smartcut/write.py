"""Writes the clip: re-encoded and copied packets in one track, the sound beside it."""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from typing import Any

    AnyPacket = av.Packet[Any]


def write_clip(job: ClipJob, layout: Layout, edges: Edges) -> None:
    """Write `job.target`: frames at the window's times from 0, the index before the data.

    Decoding times are the times of display in order, shifted by the reordering delay: they rise as evenly as
    the frames do, and no frame is shown before it is decoded.
    """
    with ExitStack() as files:
        source = files.enter_context(open_media(job.media))
        target = files.enter_context(
            av.open(file_argument(job.target), "w", format="mp4", options={"movflags": "faststart"})
        )
        picture = _picture_track(source, target, layout, edges, job)
        streams = [_picture_packets(job, layout, edges, picture)]
        if job.sound:
            streams.append(_sound_packets(files.enter_context(open_media(job.sound)), target))
        for packet in heapq.merge(*streams, key=_decoding_time):
            target.mux_one(packet)


def _picture_packets(
    job: ClipJob, layout: Layout, edges: Edges, track: av.VideoStream
) -> "Iterator[AnyPacket]":
    ticks, tick = job.window.ticks, job.window.tick
    end = round(job.window.duration_s / tick)
    delay = max(ticks[place] - ticks[number] for place, number in enumerate(_order(layout)))
    for place, (number, data, key) in enumerate(_packets(job, layout, edges)):
        packet = av.Packet(data)
        packet.stream, packet.time_base = track, tick
        packet.pts, packet.dts = ticks[number], ticks[place] - delay
        packet.duration = (*ticks, end)[place + 1] - ticks[place]
        packet.is_keyframe = key
        yield packet


def _sound_packets(sound: InputContainer, target: OutputContainer) -> "Iterator[AnyPacket]":
    """The finished sound's packets for a track of their own, which is there when this returns."""
    source = sound.streams.audio[0]
    track = target.add_stream_from_template(source)

    def packets() -> "Iterator[AnyPacket]":
        for packet in sound.demux(source):
            if packet.dts is not None:
                packet.stream = track
                yield packet

    return packets()


def _decoding_time(packet: "AnyPacket") -> Fraction:
    return (packet.dts or 0) * Fraction(packet.time_base or 0)


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
    track.time_base = job.window.tick
    track.codec_context.extradata = avcc(layout.sets, edges.sets or ParameterSets((), (), 0))
    return track
