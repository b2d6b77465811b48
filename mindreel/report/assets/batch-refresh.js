// An open batch is looked at again from time to time; whoever reads or types is not interrupted.

const CALM_MS = 5000;

function startRefresh() {
  const every = Number(document.body.dataset.refresh);
  comeBack();
  if (!every) return;
  const button = byId("live");
  let live = new URLSearchParams(location.hash.slice(1)).get("live") !== "off";
  let busyAt = 0;
  const due = performance.now() + every * 1000;

  function show() {
    button.hidden = false;
    byId("live-text").textContent = live ? `Looks again every ${every} s` : "Look again by itself";
    button.querySelector("use").setAttribute("href", live ? "#i-pause" : "#i-play");
  }

  button.addEventListener("click", () => {
    live = !live;
    remember([["live", live ? "" : "off"]]);
    show();
  });
  for (const name of ["keydown", "pointerdown", "pointermove", "wheel", "input"]) {
    addEventListener(name, () => { busyAt = performance.now(); }, { passive: true });
  }
  setInterval(() => {
    const now = performance.now();
    const busy = busyAt && now - busyAt < CALM_MS;
    if (!live || document.hidden || now < due || busy || !getSelection().isCollapsed) return;
    leaveMark();
    location.reload();
  }, 500);
  show();
}

// The row at the top of the window and what has the focus, kept over the reload.
function leaveMark() {
  const edge = byId("tools")?.getBoundingClientRect().bottom ?? 0;
  const row = document.elementFromPoint(innerWidth / 2, edge + 20)?.closest("tbody tr");
  const focus = document.activeElement;
  const mark = { y: scrollY, focus: focus?.id, caret: focus?.selectionStart ?? null };
  if (row) Object.assign(mark, { row: row.id, top: row.getBoundingClientRect().top });
  history.replaceState(mark, "");
  history.scrollRestoration = "manual"; // heights of rows out of sight are guesses, so the browser would miss
}

function comeBack() {
  const mark = history.state;
  if (!mark) return;
  history.replaceState(null, "");
  const focus = mark.focus && byId(mark.focus);
  if (focus) {
    if (focus.matches("tbody tr")) focus.tabIndex = -1;
    focus.focus({ preventScroll: true });
    if (mark.caret !== null && focus.matches("input")) focus.setSelectionRange(mark.caret, mark.caret);
  }
  const row = mark.row && byId(mark.row);
  if (row && !row.hidden) hold(row, mark.top, 6);
  else scrollTo(0, mark.y);
  addEventListener("load", () => setTimeout(() => { history.scrollRestoration = "auto"; }));
}

// Rows take their true height when they are drawn, which moves the others: look again for a few frames.
function hold(row, top, frames) {
  scrollBy(0, row.getBoundingClientRect().top - top);
  if (frames > 0) requestAnimationFrame(() => hold(row, top, frames - 1));
}
