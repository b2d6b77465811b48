// The parts of the page as tabs. Without scripts they simply follow one another.

function createTabs() {
  const row = byId("tabs");
  const tabs = [...row.querySelectorAll("a")];
  const panels = tabs.map((tab) => byId(tab.hash.slice(1)));
  const watchers = [];
  let current = null;

  function show(id, { focus = false } = {}) {
    const index = panels.findIndex((panel) => panel.id === id);
    if (index < 0) return;
    const changed = current !== id;
    current = id;
    tabs.forEach((tab, place) => {
      const selected = place === index;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      // "until-found" lets the browser's own search reach text in the other parts.
      if (selected) panels[place].removeAttribute("hidden");
      else panels[place].setAttribute("hidden", "until-found");
    });
    const tab = tabs[index];
    row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
    if (focus) tab.focus({ preventScroll: true });
    if (changed) scrollToTop();
    if (changed) for (const watcher of watchers) watcher(id);
  }

  // A long part may have been scrolled far down; the next one begins at its beginning.
  function scrollToTop() {
    const bar = row.parentElement;
    const stuckAt = parseFloat(getComputedStyle(bar).top) || 0;
    const natural = bar.parentElement.getBoundingClientRect().top;
    if (natural < stuckAt) window.scrollBy(0, natural - stuckAt);
  }

  row.setAttribute("role", "tablist");
  row.addEventListener("click", (event) => {
    const tab = event.target.closest("a");
    if (!tab) return;
    event.preventDefault();
    show(tab.hash.slice(1));
  });
  row.addEventListener("keydown", (event) => {
    const moves = { ArrowRight: 1, ArrowLeft: -1 };
    const here = panels.findIndex((panel) => panel.id === current);
    let next = here + (moves[event.key] ?? 0);
    if (event.key === "Home") next = 0;
    else if (event.key === "End") next = tabs.length - 1;
    else if (event.key === " ") next = here;
    else if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    show(panels[(next + panels.length) % panels.length].id, { focus: true });
  });
  tabs.forEach((tab, index) => {
    const panel = panels[index];
    tab.id = `tab-${panel.id}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.addEventListener("beforematch", () => show(panel.id));
  });
  return {
    show,
    ids: panels.map((panel) => panel.id),
    current: () => current,
    onShow: (watcher) => watchers.push(watcher),
  };
}
