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
