// Captions are built from the transcript: a <track> file is refused by browsers under file://.

const CUE_CHARS = 84; // two lines of 42, as broadcasters set them
const CUE_PAUSE_S = 1.0;

function createCaptions(player, data, words) {
  const button = byId("captions");
  if (!button || !window.VTTCue) return { toggle: () => {} };
  let track = null;

  function build() {
    track = player.media.addTextTrack("captions", "Captions", data.language);
    for (const cue of captionCues(data, words)) {
      track.addCue(new VTTCue(cue.start, cue.end, cue.text));
    }
  }

  function toggle() {
    if (!track) build();
    const show = track.mode !== "showing";
    track.mode = show ? "showing" : "hidden";
    button.setAttribute("aria-pressed", String(show));
    storage.set("mindreel-captions", show ? "on" : "off");
  }

  button.addEventListener("click", toggle);
  if (storage.get("mindreel-captions") === "on") toggle();
  return { toggle };
}

// Sentences cut into cues at two full lines or a pause; a cue never ends before it begins.
function captionCues(data, words) {
  const cues = [];
  data.segments.forEach(([first], index) => {
    const last = index + 1 < data.segments.length ? data.segments[index + 1][0] : data.wordStarts.length;
    let cue = null;
    for (let i = first; i < last; i += 1) {
      const text = words[i].textContent;
      const space = words[i].previousSibling ? " " : "";
      const pause = cue ? data.wordStarts[i] - cue.end : 0;
      if (!cue || cue.raw.length + text.length > CUE_CHARS || pause > CUE_PAUSE_S) {
        cue = { start: data.wordStarts[i], end: data.wordEnds[i], raw: text };
        cues.push(cue);
      } else {
        cue.raw += space + text;
        cue.end = Math.max(cue.end, data.wordEnds[i]);
      }
    }
  });
  for (const cue of cues) {
    cue.end = Math.max(cue.end, cue.start + 0.1);
    cue.text = escapeCue(cue.raw);
  }
  return cues;
}

// WebVTT cue text has markup of its own.
function escapeCue(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
