// Which rows are shown, and in which order. What was chosen stands in the address, so a reload keeps it.

function createFilter() {
  const body = byId("lines");
  const rows = body ? [...body.rows] : [];
  const buttons = [...document.querySelectorAll(".filters [data-outcome]")];
  const asked = new URLSearchParams(location.hash.slice(1));
  const state = Object.fromEntries(["show", "class", "query", "sort"].map((name) => [name, asked.get(name) ?? ""]));
  let folded = null; // what each row says, made at the first search
  let order = "";

  function matches(row, at, query) {
    if (state.show && row.dataset.outcome !== state.show) return false;
    if (state.class && row.dataset.class !== state.class) return false;
    return !query || folded[at].includes(query);
  }

  function apply() {
    const query = foldText(state.query).trim();
    if (query) folded ??= rows.map((row) => foldText(`${row.textContent} ${row.dataset.id ?? ""}`));
    let shown = 0;
    rows.forEach((row, at) => {
      row.hidden = !matches(row, at, query);
      if (!row.hidden) shown += 1;
    });
    sort();
    say(shown);
  }

  function sort() {
    if (state.sort === order) return;
    order = state.sort;
    const by = orders(buttons)[order];
    body.append(...(by ? [...rows].sort(by) : rows));
  }

  function say(shown) {
    for (const button of buttons) {
      const chosen = button.dataset.outcome === state.show && !state.class;
      button.setAttribute("aria-pressed", String(chosen));
    }
    const what = state.class ? ` of class ${state.class}` : "";
    byId("shown").textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows${what}`;
    byId("clear").hidden = !(state.show || state.class || state.query);
    byId("none").hidden = shown > 0;
    byId("query").value = state.query;
    byId("sort").value = state.sort;
  }

  function choose(changes) {
    Object.assign(state, changes);
    apply();
    remember(Object.entries(state));
  }

  function start() {
    if (!body) return;
    byId("tools").hidden = false;
    if (![...byId("sort").options].some((option) => option.value === state.sort)) state.sort = "";
    for (const button of buttons) {
      button.disabled = false;
      button.addEventListener("click", () => choose({ show: button.dataset.outcome, class: "" }));
    }
    for (const button of document.querySelectorAll("[data-class].pill")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        choose({ show: "", class: button.dataset.class, query: "" });
        byId("rows").scrollIntoView();
        byId("rows").focus({ preventScroll: true });
      });
    }
    let timer = 0;
    byId("query").addEventListener("input", (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => choose({ query: event.target.value }), 120);
    });
    byId("sort").addEventListener("change", (event) => choose({ sort: event.target.value }));
    byId("clear").addEventListener("click", () => {
      choose({ show: "", class: "", query: "" });
      byId("query").focus();
    });
    apply();
  }

  // A row that a link names is shown even where the filter would hide it.
  function reveal(row) {
    if (row.hidden) choose({ show: "", class: "", query: "" });
    for (const other of body.querySelectorAll(".found")) other.classList.remove("found");
    row.classList.add("found");
    row.tabIndex = -1;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
  }

  return { start, reveal };
}

function orders(buttons) {
  const places = new Map(buttons.map((button, place) => [button.dataset.outcome, place]));
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const name = (row) => row.querySelector(".title, .url").textContent;
  return {
    outcome: (one, other) => places.get(one.dataset.outcome) - places.get(other.dataset.outcome),
    seconds: (one, other) => other.dataset.seconds - one.dataset.seconds,
    title: (one, other) => words.compare(name(one), name(other)),
  };
}

// The part of the address after #, without what is not chosen; other parts of it are kept.
function remember(entries) {
  const hash = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  for (const [name, value] of entries) {
    if (value) hash.set(name, value);
    else hash.delete(name);
  }
  const address = new URL(location.href);
  address.hash = String(hash);
  history.replaceState(history.state, "", address);
}
