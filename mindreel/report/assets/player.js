// The one clock of the page. Others listen to `onTick` and call `seek`; nobody else moves the media.

function createPlayer(data) {
  const media = byId("media");
  const listeners = [];
  let frame = 0;
  let wanted = 0; // the clock where there is no media to keep it

  function time() {
    return media ? media.currentTime : wanted;
  }

  function tick() {
    const now = time();
    for (const listener of listeners) listener(now);
  }

  function run() {
    tick();
    frame = media.paused || media.ended ? 0 : requestAnimationFrame(run);
  }

  function play() {
    // The browser refuses when nobody has touched the page yet, and aborts on a quick pause: no fault.
    media?.play().catch(() => {});
  }

  function seek(seconds, { andPlay = false } = {}) {
    wanted = clamp(seconds, 0, data.duration || seconds);
    if (media) media.currentTime = wanted;
    tick();
    if (andPlay) play();
  }

  if (media) {
    media.removeAttribute("controls");
    media.addEventListener("play", () => {
      cancelAnimationFrame(frame);
      run();
    });
    for (const name of ["pause", "seeked", "timeupdate", "loadedmetadata"]) {
      media.addEventListener(name, () => {
        if (!frame) tick();
      });
    }
    listenForErrors(media, data);
  }

  return {
    media,
    time,
    seek,
    play,
    toggle: () => (media?.paused ? play() : media?.pause()),
    pause: () => media?.pause(),
    refresh: tick,
    skip: (seconds) => seek(time() + seconds),
    isPlaying: () => Boolean(media) && !media.paused && !media.ended,
    onTick: (listener) => listeners.push(listener),
  };
}

// A browser that cannot play the picture may still play the sound; either way the person is told.
function listenForErrors(media, data) {
  const message = byId("media-error");
  const name = decodeURIComponent(media.getAttribute("src"));
  let mayFallBack = Boolean(data.fallback);
  const failed = () => {
    message.hidden = false;
    if (mayFallBack) {
      mayFallBack = false;
      message.textContent = `This browser cannot play ${name}, so only its sound is played.`;
      media.src = data.fallback;
    } else {
      message.textContent = `${name} cannot be played. Does it still stand beside this page?`;
    }
  };
  media.addEventListener("error", failed);
  if (media.error) failed();
}
