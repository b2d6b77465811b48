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
    button.setAttribute("aria-pressed", String(live));
    button.textContent = live ? `Looks again every ${every} s` : "Does not look again by itself";
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
  history.replaceState(
    { row: row?.id, top: row?.getBoundingClientRect().top, focus: focus?.id, caret: focus?.selectionStart ?? null },
    "",
  );
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
  if (!row || row.hidden) return;
  row.scrollIntoView();
  scrollBy(0, row.getBoundingClientRect().top - mark.top);
}
