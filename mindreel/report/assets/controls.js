// Buttons under the picture.

function createControls(player, data) {
  const { media } = player;
  if (!media) return { speedBy: () => {}, toggleMute: () => {}, toggleFullscreen: () => {} };
  const playButton = byId("play");
  const speed = byId("speed");
  const mute = byId("mute");
  const volume = byId("volume");
  const bigPlay = byId("big-play");
  byId("controls").hidden = false;
  byId("more").hidden = false;
  if (bigPlay) bigPlay.hidden = false;

  function showState() {
    const playing = player.isPlaying();
    document.body.classList.toggle("playing", playing);
    playButton.setAttribute("aria-label", playing ? "Pause" : "Play");
  }

  function showVolume() {
    const silent = media.muted || media.volume === 0;
    mute.setAttribute("aria-pressed", String(silent));
    mute.classList.toggle("is-mute", silent);
    volume.value = media.muted ? 0 : media.volume;
  }

  function speedBy(step) {
    speed.selectedIndex = clamp(speed.selectedIndex + step, 0, speed.options.length - 1);
    media.playbackRate = Number(speed.value);
    toast(`Speed ${speed.value}×`);
  }

  function toggleMute() {
    media.muted = !media.muted;
  }

  function toggleFullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (media.requestFullscreen) media.requestFullscreen().catch(() => toast("Full screen was refused."));
    else media.webkitEnterFullscreen?.(); // iPhones know only this one
  }

  for (const name of ["play", "pause", "ended"]) media.addEventListener(name, showState);
  media.addEventListener("volumechange", showVolume);
  media.addEventListener("click", player.toggle);
  bigPlay?.addEventListener("click", player.toggle);
  playButton.addEventListener("click", player.toggle);
  byId("back").addEventListener("click", () => player.skip(-10));
  byId("forward").addEventListener("click", () => player.skip(10));
  speed.addEventListener("change", () => {
    media.playbackRate = Number(speed.value);
  });
  mute.addEventListener("click", toggleMute);
  volume.addEventListener("input", () => {
    media.volume = Number(volume.value);
    media.muted = media.volume === 0;
  });
  byId("fullscreen")?.addEventListener("click", toggleFullscreen);
  document.addEventListener("fullscreenchange", () => {
    media.controls = document.fullscreenElement === media; // our own are not on that screen
  });
  offerToResume(player, data);
  showState();
  return { speedBy, toggleMute, toggleFullscreen };
}

// Somebody who comes back to a long talk finds a button to where they stopped.
function offerToResume(player, data) {
  const key = `mindreel-at-${data.id}`;
  const button = byId("resume");
  const stopped = Number(storage.get(key));
  if (stopped > 30 && stopped < data.duration - 30 && !location.hash) {
    button.textContent = `Continue at ${clock(stopped)}`;
    button.hidden = false;
    button.addEventListener("click", () => player.seek(stopped, { andPlay: true }));
  }
  let saved = 0;
  player.onTick((now) => {
    if (!player.isPlaying()) return;
    button.hidden = true;
    if (Math.abs(now - saved) < 5) return;
    saved = now;
    storage.set(key, now.toFixed(1));
  });
}
