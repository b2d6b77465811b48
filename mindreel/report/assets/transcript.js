// The text follows the playback word by word; a click on a word plays from it.

function createTranscript(player, data, tabs) {
  const box = byId("words");
  if (!box) return { words: [], segments: [] };
  const segments = [...box.querySelectorAll(".seg")];
  const words = box.querySelectorAll(".seg > span");
  const follow = createFollow(tabs, () => words[word]);
  let word = -1;

  function wordIndex(span) {
    const segment = span.parentElement;
    const first = data.segments[segments.indexOf(segment)][0];
    return first + [...segment.children].indexOf(span);
  }

  function show(index) {
    const before = words[word];
    const now = words[index];
    before?.classList.remove("now");
    now?.classList.add("now");
    if (before?.parentElement !== now?.parentElement) {
      before?.parentElement.classList.remove("now");
      now?.parentElement.classList.add("now");
    }
    word = index;
    if (now) follow.to(now);
  }

  player.onTick((time) => {
    const index = lastAtMost(data.wordStarts, time + 0.02);
    if (index !== word) show(index);
  });

  box.addEventListener("click", (event) => {
    const span = event.target.closest(".seg > span");
    if (!span || !getSelection().isCollapsed) return; // somebody is copying a quote
    follow.resume();
    player.seek(data.wordStarts[wordIndex(span)], { andPlay: true });
  });
  return { words, segments, follow };
}

// Scrolls along until the person scrolls elsewhere; the button takes it up again.
function createFollow(tabs, currentWord) {
  const button = byId("follow");
  let on = true;
  let line = null;

  function set(state) {
    on = state;
    button.setAttribute("aria-pressed", String(on));
  }

  function to(word, force = false) {
    if (tabs.current() !== "transcript") return;
    const segment = word.parentElement;
    if (!force && (!on || segment === line)) return;
    line = segment;
    scrollToWord(word, force);
  }

  const letGo = () => {
    if (on && tabs.current() === "transcript") set(false);
  };
  addEventListener("wheel", letGo, { passive: true });
  addEventListener("touchmove", letGo, { passive: true });
  addEventListener("keydown", (event) => {
    if (["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"].includes(event.key)) letGo();
  });
  button.addEventListener("click", () => {
    set(!on);
    const word = currentWord();
    if (on && word) to(word, true);
  });
  tabs.onShow((id) => {
    const word = currentWord();
    if (id === "transcript" && on && word) to(word, true);
  });
  return { to, resume: () => set(true), letGo: () => set(false) };
}

// To the upper third of what is left under the player and the tabs; not at all when already in sight.
function scrollToWord(word, force = false) {
  const miss = missOf(word);
  if (!force && miss.inSight) return;
  if (force || calmMotion() || Math.abs(miss.by) > innerHeight) jumpToWord(word, 4);
  else window.scrollBy({ top: miss.by, behavior: "smooth" });
}

// Paragraphs out of sight have an estimated height, so a jump may miss: look again once they are drawn.
function jumpToWord(word, tries) {
  window.scrollBy({ top: missOf(word).by, behavior: "instant" });
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (tries > 1 && !missOf(word).inSight) jumpToWord(word, tries - 1);
    }),
  );
}

function missOf(word) {
  const top = byId("tabs").getBoundingClientRect().bottom;
  const bottom = innerHeight - 80;
  const box = word.getBoundingClientRect();
  return { by: box.top - (top + (bottom - top) * 0.35), inSight: box.top > top + 60 && box.bottom < bottom };
}
