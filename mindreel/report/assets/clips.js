// Clips load their first picture only when somebody looks at them, and only one thing plays at a time.

function createClips(player, tabs) {
  const grid = byId("clip-grid");
  if (!grid) return;
  const clips = [...grid.querySelectorAll("video, audio")];

  tabs.onShow((id) => {
    if (id !== "clips") {
      for (const clip of clips) clip.pause();
      return;
    }
    for (const clip of clips) if (clip.preload === "none") clip.preload = "metadata";
  });
  for (const clip of clips) {
    coverClip(clip);
    clip.addEventListener("play", () => {
      player.pause();
      for (const other of clips) if (other !== clip) other.pause();
    });
    clip.addEventListener("loadedmetadata", () => {
      clip.closest(".clip-screen").classList.toggle("tall", clip.videoHeight > clip.videoWidth);
    });
    clip.addEventListener("error", () => {
      const name = decodeURIComponent(clip.getAttribute("src"));
      const message = document.createElement("p");
      message.className = "clip-error";
      message.textContent = `${name} cannot be played. Does it still stand beside this page?`;
      clip.closest(".clip-screen").replaceChildren(message);
    });
  }
  player.media?.addEventListener("play", () => {
    for (const clip of clips) clip.pause();
  });
}

// The browser's own controls would hide half of so small a picture: they come with the first play.
function coverClip(clip) {
  const button = clip.parentElement.querySelector(".big-play");
  if (!button) return;
  clip.removeAttribute("controls");
  button.hidden = false;
  const uncover = () => {
    button.hidden = true;
    clip.controls = true;
  };
  button.addEventListener("click", () => {
    clip.play().catch(() => {}); // a clip that cannot be played says so by its error event
    clip.focus();
  });
  clip.addEventListener("play", uncover, { once: true });
}
