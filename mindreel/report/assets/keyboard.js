// Keys for the whole page. A key that means something to the focused element is left to it.

function createKeyboard({ player, controls, captions, timeline, search, tabs, help }) {
  const keys = {
    k: player.toggle,
    " ": player.toggle,
    j: () => player.skip(-10),
    l: () => player.skip(10),
    ArrowLeft: () => player.skip(-5),
    ArrowRight: () => player.skip(5),
    "[": () => timeline.step(-1),
    "]": () => timeline.step(1),
    "<": () => controls.speedBy(-1),
    ">": () => controls.speedBy(1),
    m: controls.toggleMute,
    c: captions.toggle,
    f: controls.toggleFullscreen,
    "/": search.focus,
    "?": help.open,
  };
  tabs.ids.forEach((id, index) => {
    keys[String(index + 1)] = () => tabs.show(id, { focus: true });
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || belongsTo(event.target, event.key)) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function belongsTo(target, key) {
  if (target.closest("input:not([type=range]), textarea, select")) return true;
  if (key === " ") return Boolean(target.closest("button, summary, [role=treeitem], video:not(#media), audio:not(#media)"));
  if (key.startsWith("Arrow")) {
    return Boolean(target.closest("input, [role=treeitem], video:not(#media), audio:not(#media)"));
  }
  return false;
}

function createHelp() {
  const dialog = byId("help");
  const button = byId("help-open");
  button.hidden = false;
  button.addEventListener("click", () => dialog.showModal());
  byId("help-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside the box
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "?") dialog.close();
  });
  return { open: () => dialog.showModal() };
}
