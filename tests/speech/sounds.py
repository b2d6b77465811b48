"""Sounds in which nobody speaks: 16 kHz mono, of the length asked for, the same each time."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from mindreel.speech.wav import RATE_HZ, Samples

Floats = NDArray[np.float64]


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE_HZ), np.float32)


def white(seconds: float, *, db: float = -26.0, seed: int = 7) -> Samples:
    """Hiss: the same power in every hertz."""
    return _coloured(seconds, power=0.0, db=db, seed=seed)


def pink(seconds: float, *, db: float = -26.0, seed: int = 8) -> Samples:
    """Rain and traffic: the same power in every octave."""
    return _coloured(seconds, power=1.0, db=db, seed=seed)


def brown(seconds: float, *, db: float = -26.0, seed: int = 9) -> Samples:
    """Rumble: falling by 6 dB an octave."""
    return _coloured(seconds, power=2.0, db=db, seed=seed)


def room(seconds: float, *, db: float = -55.0) -> Samples:
    """What a microphone hears in an empty room: rumble, some hiss, and the mains."""
    return levelled(brown(seconds) + 0.3 * white(seconds) + 0.2 * hum(seconds), db)


def wind(seconds: float) -> Samples:
    """Rumble that swells and falls."""
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * 0.3 * _time(seconds)) * np.sin(2 * np.pi * 0.11 * _time(seconds))
    return levelled(brown(seconds) * swell, -22.0)


def hum(seconds: float, *, db: float = -26.0) -> Samples:
    """The mains with its overtones."""
    time_s = _time(seconds)
    return levelled(sum_of(np.sin(2 * np.pi * 50 * k * time_s) / k for k in range(1, 12)), db)


def clicks(seconds: float, *, every_s: float = 0.7) -> Samples:
    """A keyboard, or dust on a record: single ringing impulses at uneven times."""
    return _struck(seconds, rate_hz=1 / every_s, decay_s=0.004, db=-26.0, seed=10)


def applause(seconds: float) -> Samples:
    """Many hands, in three waves."""
    waves = 0.15 + 0.85 * np.clip(np.sin(2 * np.pi * _time(seconds) / (seconds / 1.5 or 1.0)), 0, 1)
    return levelled(_struck(seconds, rate_hz=120.0, decay_s=0.012, db=-20.0, seed=11) * waves, -20.0)


def chords(seconds: float) -> Samples:
    """Overtones of four roots that change twice a second."""
    time_s = _time(seconds)
    root_hz = np.array([220.0, 261.6, 196.0, 293.7])[(time_s * 2).astype(int) % 4]
    phase = 2 * np.pi * np.cumsum(root_hz) / RATE_HZ
    return levelled(sum_of(np.sin(phase * ratio) / ratio for ratio in (1.0, 1.25, 1.5, 2.0, 3.0)), -18.0)


def drums(seconds: float) -> Samples:
    """Bass drum and cymbal, 120 to the minute."""
    beat_s, off_s = _time(seconds) % 0.5, (_time(seconds) + 0.25) % 0.5
    bass = np.sin(2 * np.pi * 60 * beat_s * np.exp(-3 * beat_s)) * np.exp(-12 * beat_s)
    return levelled(bass + 2 * white(seconds) * np.exp(-40 * off_s), -18.0)


def violin(seconds: float) -> Samples:
    """A melody with vibrato, rich in overtones: near to a voice."""
    time_s = _time(seconds)
    note_hz = np.array([440.0, 493.9, 523.3, 587.3, 523.3, 392.0])[(time_s * 1.6).astype(int) % 6]
    phase = 2 * np.pi * np.cumsum(note_hz * (1 + 0.012 * np.sin(2 * np.pi * 5.5 * time_s))) / RATE_HZ
    bow = 0.6 + 0.4 * np.abs(np.sin(np.pi * 1.6 * time_s))
    return levelled(bow * sum_of(np.sin(k * phase) / k for k in range(1, 9)), -18.0)


def band(seconds: float) -> Samples:
    """Chords, drums and a melody together."""
    return levelled(chords(seconds) + drums(seconds) + violin(seconds), -18.0)


def choir(seconds: float) -> Samples:
    """Sung vowels without words: pulses through moving formants. Voice detectors take it for speech."""
    time_s = _time(seconds)
    pitch_hz = np.array([146.8, 164.8, 174.6, 196.0])[(time_s * 0.8).astype(int) % 4]
    phase = np.cumsum(pitch_hz * (1 + 0.015 * np.sin(2 * np.pi * 5 * time_s))) / RATE_HZ
    move = 0.5 + 0.5 * np.sin(2 * np.pi * 0.4 * time_s)
    formants_hz = (700 - 350 * move, 1100 + 900 * move, 2600 + 0 * move)
    sung = np.zeros(time_s.size)
    for k in range(1, 28):
        at_hz = k * pitch_hz
        gain = sum_of(np.exp(-(((at_hz - f) / (90 + 0.06 * f)) ** 2)) for f in formants_hz) + 0.02
        sung += gain * np.sin(2 * np.pi * k * phase) / k**0.5
    breath = np.clip(1.4 * np.sin(2 * np.pi * 0.45 * time_s) + 0.5, 0, 1)
    return levelled(sung * breath, -20.0)


def siren(seconds: float) -> Samples:
    """A tone that rises and falls."""
    hz = 900 + 400 * np.sin(2 * np.pi * 0.35 * _time(seconds))
    return levelled(np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ), -18.0)


def telephone(seconds: float) -> Samples:
    """Rings of a second with pauses of two."""
    time_s = _time(seconds)
    ring = np.sin(2 * np.pi * 440 * time_s) + np.sin(2 * np.pi * 480 * time_s)
    return levelled(ring * (time_s % 3 < 1), -20.0)


def humming(speech: Samples, seconds: float) -> Samples:
    """A voice behind a closed mouth: of `speech` all above 450 Hz is gone."""
    spectrum = np.fft.rfft(speech[: int(seconds * RATE_HZ)])
    hz = np.fft.rfftfreq(int(seconds * RATE_HZ), 1 / RATE_HZ)
    return levelled(np.fft.irfft(np.where(hz > 450, 0, spectrum), int(seconds * RATE_HZ)), -22.0)


def crowd(speech: Samples, seconds: float, *, people: int = 8) -> Samples:
    """A full room: as many stretches of `speech` at once, backwards, so that none has a word in it."""
    step = speech.size // people
    voices = [np.roll(speech[::-1], index * step)[: int(seconds * RATE_HZ)] for index in range(people)]
    return levelled(np.sum(voices, axis=0), -22.0)


SOUNDS: dict[str, Callable[[float], Samples]] = {
    "silence": silence,
    "a quiet room": lambda seconds: room(seconds, db=-60.0),
    "a room": lambda seconds: room(seconds, db=-45.0),
    "a loud room": lambda seconds: room(seconds, db=-25.0),
    "hiss": white,
    "loud hiss": lambda seconds: white(seconds, db=-12.0),
    "pink noise": pink,
    "brown noise": brown,
    "wind": wind,
    "hum": hum,
    "clicks": clicks,
    "applause": applause,
    "chords": chords,
    "drums": drums,
    "violin": violin,
    "a band": band,
    "a choir": choir,
    "a siren": siren,
    "a telephone": telephone,
}


def levelled(samples: Samples | Floats, db: float) -> Samples:
    """The same sound at a level of `db` dBFS (root mean square)."""
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if samples.size else 0.0
    return (samples * (10 ** (db / 20) / rms if rms else 1.0)).astype(np.float32)


def sum_of(parts: Iterable[Floats]) -> Floats:
    """All parts at once."""
    return np.asarray(np.sum(list(parts), axis=0))


def _time(seconds: float) -> Floats:
    return np.arange(int(seconds * RATE_HZ)) / RATE_HZ


def _coloured(seconds: float, *, power: float, db: float, seed: int) -> Samples:
    """Noise whose power falls with the frequency to the `power`; below 20 Hz there is none."""
    count = int(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    shape = np.where(hz < 20, 0, 1 / np.maximum(hz, 20) ** (power / 2))
    return levelled(np.fft.irfft(spectrum * shape, count), db)


def _struck(seconds: float, *, rate_hz: float, decay_s: float, db: float, seed: int) -> Samples:
    """Short bursts of noise at random moments."""
    random = np.random.default_rng(seed)
    sound = np.zeros(int(seconds * RATE_HZ) + RATE_HZ)
    length = int(8 * decay_s * RATE_HZ)
    fall = np.exp(-np.arange(length) / (decay_s * RATE_HZ))
    for start in random.integers(0, sound.size - RATE_HZ, int(rate_hz * seconds)):
        sound[start : start + length] += random.uniform(0.3, 1) * random.standard_normal(length) * fall
    return levelled(sound[: int(seconds * RATE_HZ)], db)
