"""H.264 headers and packets, on what x264 really writes."""

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from mindreel.media.smartcut.nal import IDR, ParameterSets, avcc, join, nal_type, parameter_sets, split

Make = Callable[..., Path]


def extradata(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return container.streams.video[0].codec_context.extradata or b""


def test_both_forms_of_headers_hold_the_same_sets(
    plain: Path, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    ffmpeg("-i", plain, "-c", "copy", tmp_path / "a.ts")
    record, annexb = parameter_sets(extradata(plain)), parameter_sets(extradata(tmp_path / "a.ts"))
    assert (record.length_bytes, annexb.length_bytes) == (4, 0)
    assert (record.sps, record.pps) == (annexb.sps, annexb.pps)
    assert record.ids == {0}


@pytest.mark.parametrize("number", [1, 7, 30, 31])
def test_ids_are_read(number: int, make_video: Make) -> None:
    path = make_video(f"id{number}.mp4", "-x264-params", f"sps-id={number}", seconds=1, sound=False)
    assert parameter_sets(extradata(path)).ids == {number}


def test_a_record_of_two_streams_is_read_back(make_video: Make, plain: Path) -> None:
    one = parameter_sets(extradata(plain))
    other = parameter_sets(
        extradata(make_video("id31.mp4", "-x264-params", "sps-id=31", seconds=1, sound=False))
    )
    both = parameter_sets(avcc(one, other))
    assert both == ParameterSets(one.sps + other.sps, one.pps + other.pps, 4)


def test_a_record_of_one_stream_is_the_one_ffmpeg_writes(plain: Path) -> None:
    assert avcc(parameter_sets(extradata(plain)), ParameterSets((), (), 0)) == extradata(plain)


def test_packets_split_and_join_to_themselves(plain: Path) -> None:
    with av.open(str(plain)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    assert all(join(list(split(packet, 4))) == packet for packet in packets)
    idr = [
        number
        for number, packet in enumerate(packets)
        if any(nal_type(unit) == IDR for unit in split(packet, 4))
    ]
    assert idr == [0, 50, 100, 150]


@pytest.mark.parametrize("damaged", [b"", b"\x01", b"\x01dddd\xe1", b"no headers at all"])
def test_damaged_headers_are_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match=r"parameter sets|avcC"):
        parameter_sets(damaged)


def test_a_packet_whose_lengths_do_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="past its packet"):
        list(split(b"\x00\x00\x00\x09abc", 4))
