"""A decoded frame as a JPEG file, the right way up."""

from fractions import Fraction
from pathlib import Path

import av
from av.filter import Graph

MAX_WIDTH = 1280
QUALITY = 3
"""Of mjpeg: 2 is best, 31 worst."""
TURNS = {90: ("transpose", "cclock"), 180: ("rotate", "PI"), 270: ("transpose", "clock")}
"""Counter-clockwise degrees, as the display matrix counts them."""


def save_jpeg(frame: av.VideoFrame, target: Path) -> None:
    """Write `frame` to `target`, turned as it is to be shown and at most 1280 pixels wide."""
    shown = _upright(frame)
    encoder = av.CodecContext.create("mjpeg", "w")
    if not isinstance(encoder, av.VideoCodecContext):
        raise TypeError("mjpeg is a video encoder")
    encoder.width, encoder.height, encoder.pix_fmt = shown.width, shown.height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.qmin = encoder.qmax = QUALITY
    shown.pts = 0
    packets = [*encoder.encode(shown), *encoder.encode(None)]
    target.write_bytes(b"".join(bytes(packet) for packet in packets))


def _upright(frame: av.VideoFrame) -> av.VideoFrame:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 25)
    )
    steps = [source]
    turn = TURNS.get(frame.rotation % 360)
    if turn:
        steps.append(graph.add(*turn))
    steps.append(graph.add("scale", f"'min({MAX_WIDTH},iw)':-2:out_range=full"))
    steps.append(graph.add("format", "yuvj420p"))
    steps.append(graph.add("buffersink"))
    graph.link_nodes(*steps).configure()
    graph.push(frame)
    graph.push(None)
    shown = graph.pull()
    if not isinstance(shown, av.VideoFrame):
        raise TypeError("a video graph gives video frames")
    return shown
