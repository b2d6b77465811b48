"""Which packets of the source are copied, and which frames before and after must be made anew."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

import av
from av.container import InputContainer

from mindreel.media.job import ClipJob
from mindreel.media.opening import open_media
from mindreel.media.smartcut.nal import IDR, PPS, SPS, ParameterSets, nal_type, parameter_sets, split
from mindreel.media.smartcut.reasons import NotSmartError
from mindreel.media.streams import picture_stream
from mindreel.media.timeline import INDEXED, seek, start_s
from mindreel.media.window import LOOK_BACK_S, MARGIN_S

WORTH = 0.25
"""Below this share of copied frames a smart cut saves little and is not tried."""
PIXEL_FORMATS = frozenset({"yuv420p", "yuvj420p"})


@dataclass(frozen=True)
class Sample:
    """One packet of the source, without its bytes."""

    pts: int
    key: bool
    idr: bool
    size: int
    usable: bool
    """False where the packet is damaged or brings parameter sets of its own."""


@dataclass(frozen=True)
class Layout:
    """A clip as three stretches of frames; frames are numbered from 0 in order of display."""

    sets: ParameterSets
    pts: tuple[int, ...]
    """The source's presentation times of all frames of the clip, in ticks of its stream."""
    copied: tuple[Sample, ...]
    """In order of decoding; in order of display they are one stretch."""
    head: int
    """How many frames before the copied ones are encoded again."""
    indexed: bool
    """True when seeking in the source lands on a key frame at or before the target."""
    aspect: Fraction
    """Width of a pixel over its height."""

    @property
    def tail(self) -> int:
        """How many frames after the copied ones are encoded again."""
        return len(self.pts) - self.head - len(self.copied)

    @property
    def copied_share(self) -> float:
        """0 to 1."""
        return len(self.copied) / len(self.pts)

    @property
    def numbers(self) -> dict[int, int]:
        """The place of each frame in the clip, by its time in the source."""
        return {pts: number for number, pts in enumerate(self.pts)}


def lay_out(job: ClipJob) -> Layout:
    """Read the packets around the clip; raises `NotSmartError` with the reason where it cannot be copied."""
    if not job.as_it_is:
        raise NotSmartError(f"its picture was changed ({job.changes})")
    if job.window.interlaced:
        raise NotSmartError("the source is interlaced")
    if job.window.hdr:
        raise NotSmartError("the source is HDR, which many players show too dark")
    if not job.window.times:
        raise NotSmartError("no frame of the source begins where it begins")
    with open_media(job.media) as container:
        stream = picture_stream(container)
        if stream is None:
            raise NotSmartError("the picture was not found")
        sets = _parameter_sets(job, stream)
        samples = _samples(container, stream, sets, job.window.start_s, job.window.end_s)
        indexed = container.format.name.startswith(INDEXED)
        aspect = stream.codec_context.sample_aspect_ratio or Fraction(1)
        zero_s, tick = start_s(container), float(stream.time_base or 0)
    pts = sorted(sample.pts for sample in samples)
    wanted = (job.window.start_s + zero_s) / tick
    first = min(range(len(pts)), key=lambda place: abs(pts[place] - wanted))
    count = len(job.window.times)
    clip = tuple(pts[first : first + count])
    if len(clip) < count or len(set(clip)) < count:
        raise NotSmartError("the source's frames have no clean times")
    copied, head = _copied(samples, clip)
    layout = Layout(sets, clip, copied, head, indexed, aspect)
    if layout.copied_share < WORTH:
        raise NotSmartError(f"only {layout.copied_share:.0%} of its frames could be copied")
    return layout


def _parameter_sets(job: ClipJob, stream: av.VideoStream) -> ParameterSets:
    context = stream.codec_context
    if job.video.codec != "h264":
        raise NotSmartError(f"the source is {job.video.codec}, not h264")
    if context.pix_fmt not in PIXEL_FORMATS:
        raise NotSmartError(f"the source's pixels are {context.pix_fmt}")
    try:
        return parameter_sets(context.extradata or b"")
    except ValueError as error:
        raise NotSmartError(f"the source's h264 headers cannot be read ({error})") from error


def _samples(
    container: InputContainer, stream: av.VideoStream, sets: ParameterSets, begin_s: float, end_s: float
) -> list[Sample]:
    """The packets from a key frame at or before `begin_s` to well after `end_s`."""
    zero_s = start_s(container)
    for back_s in LOOK_BACK_S:
        seek(container, begin_s - back_s)
        samples: list[Sample] = []
        for packet in container.demux(stream):
            if packet.pts is None or packet.time_base is None:
                continue
            time_s = float(packet.pts * packet.time_base) - zero_s
            if samples or packet.is_keyframe:
                samples.append(_sample(packet, sets))
            if time_s > end_s + MARGIN_S:
                break
        if samples and float(samples[0].pts * (stream.time_base or 0)) - zero_s <= begin_s + 1e-6:
            return samples
    raise NotSmartError("no key frame was found before it")


def _sample(packet: "av.Packet[av.VideoStream]", sets: ParameterSets) -> Sample:
    usable = not packet.is_corrupt
    idr = False
    try:
        for unit in split(bytes(packet), sets.length_bytes):
            kind = nal_type(unit)
            idr = idr or kind == IDR
            foreign = (kind == SPS and unit not in sets.sps) or (kind == PPS and unit not in sets.pps)
            usable = usable and not foreign
    except ValueError:
        usable = False
    return Sample(packet.pts or 0, packet.is_keyframe, idr, packet.size, usable)


def _copied(samples: list[Sample], clip: tuple[int, ...]) -> tuple[tuple[Sample, ...], int]:
    """The packets to copy, and how many frames of the clip come before them.

    They begin with an IDR picture. They end where the packets so far are exactly the frames so far: there,
    no later packet is shown earlier, and none of them is shown after the clip's end.
    """
    numbers = {pts: number for number, pts in enumerate(clip)}
    begin = next((place for place, one in enumerate(samples) if one.idr and one.pts in numbers), None)
    if begin is None:
        raise NotSmartError("no picture inside it is a clean point of entry (IDR)")
    head = numbers[samples[begin].pts]
    candidates = samples[begin:]
    inside = len(clip) + len(samples)
    shown = [numbers.get(sample.pts, inside) for sample in candidates]
    latest = accumulate(shown, max)
    length = max((count for count, number in enumerate(latest, 1) if number == head + count - 1), default=0)
    copied = tuple(candidates[:length])
    if not all(sample.usable for sample in copied):
        raise NotSmartError("a packet inside it is damaged or changes the h264 headers")
    return copied, head
