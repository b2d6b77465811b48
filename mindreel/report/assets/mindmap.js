// The mind map: fold, move, zoom, and play from any node; all of it by keyboard too.

const READABLE = 0.62; // the smallest scale at which labels are easy to read

function createMindmap(player, data, tabs) {
  const box = byId("map");
  if (!box) return;
  box.hidden = false;
  const root = data.mindmap;
  const svgRoot = byId("map-svg");
  const nodesLayer = byId("map-nodes");
  const linksLayer = byId("map-links");
  const nodes = prepareMap(root, 1);
  const groups = new Map();
  const view = createMapView(svgRoot, byId("map-view"));
  const starts = root.children.map((chapter) => chapter.start);
  let focused = root;
  let drawn = false;

  function draw() {
    const visible = visibleNodes(root);
    layoutMap(root);
    const shown = new Set(visible.map((node) => node.id));
    for (const [id, group] of groups) group.toggleAttribute("hidden", !shown.has(id));
    const links = document.createDocumentFragment();
    for (const node of visible) {
      if (!groups.has(node.id)) groups.set(node.id, drawNode(node, nodesLayer));
      placeNode(node, groups.get(node.id));
      if (node.parent) svg("path", { class: `link ${node.kind}`, d: linkPath(node.parent, node) }, links);
    }
    linksLayer.replaceChildren(links);
    if (!shown.has(focused.id)) focused = root;
    for (const [id, group] of groups) group.setAttribute("tabindex", id === focused.id ? "0" : "-1");
  }

  function extent() {
    const right = Math.max(...visibleNodes(root).map((node) => node.x + node.width + 22));
    return { x: 0, y: 0, width: right, height: root.branch };
  }

  // Unfolds level by level as long as the whole map can still be read.
  function unfoldWhatFits() {
    for (let level = 1; nodes.some((node) => node.level === level && node.children.length); level += 1) {
      const opened = nodes.filter((node) => node.level === level);
      for (const node of opened) node.open = true;
      layoutMap(root);
      if (view.fitScale(extent()) >= READABLE) continue;
      for (const node of opened) node.open = false;
      break;
    }
  }

  function setOpen(node, open) {
    if (!node.children.length || node.open === open) return;
    const { x, y } = node;
    node.open = open;
    draw();
    view.panBy((x - node.x) * view.view.k, (y - node.y) * view.view.k); // it stays under the pointer
  }

  function focus(node) {
    groups.get(focused.id)?.setAttribute("tabindex", "-1");
    focused = node;
    const group = groups.get(node.id);
    group.setAttribute("tabindex", "0");
    group.focus({ preventScroll: true });
    bringIntoView(group, svgRoot, view);
  }

  function start() {
    if (tabs.current() !== "mindmap") return;
    box.scrollIntoView({ block: "nearest", behavior: "instant" });
    if (drawn) return;
    drawn = true;
    const measure = mapMeasure(svgRoot);
    for (const node of nodes) measureNode(node, measure);
    unfoldWhatFits();
    draw();
    view.fit(extent(), READABLE);
    highlight(player.time());
  }

  function highlight(now) {
    if (!drawn) return;
    const index = lastAtMost(starts, now + 0.05);
    root.children.forEach((chapter, place) => groups.get(chapter.id)?.classList.toggle("now", place === index));
  }

  function play(node) {
    player.seek(node.start, { andPlay: true });
  }

  svgRoot.addEventListener("click", (event) => {
    const group = event.target.closest(".node");
    if (!group || view.wasDragged()) return;
    const node = nodes[Number(group.dataset.node)];
    focus(node);
    if (event.target.closest(".fold")) setOpen(node, !node.open);
    else play(node);
  });
  svgRoot.addEventListener("keydown", (event) => {
    const visible = visibleNodes(root);
    const at = visible.indexOf(focused);
    const acts = {
      ArrowDown: () => focus(visible[Math.min(at + 1, visible.length - 1)]),
      ArrowUp: () => focus(visible[Math.max(at - 1, 0)]),
      ArrowRight: () => (focused.open && focused.children.length ? focus(focused.children[0]) : setOpen(focused, true)),
      ArrowLeft: () => (focused.open && focused.children.length ? setOpen(focused, false) : focused.parent && focus(focused.parent)),
      Home: () => focus(root),
      End: () => focus(visible[visible.length - 1]),
      Enter: () => play(focused),
      " ": () => setOpen(focused, !focused.open),
      "+": () => view.zoomBy(ZOOM.step),
      "=": () => view.zoomBy(ZOOM.step),
      "-": () => view.zoomBy(1 / ZOOM.step),
      0: () => view.fit(extent()),
    };
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });

  const all = byId("map-all");
  all.addEventListener("click", () => {
    const open = all.getAttribute("aria-pressed") !== "true";
    all.setAttribute("aria-pressed", String(open));
    for (const node of nodes) node.open = open || node.level < 1;
    draw();
    view.fit(extent());
  });
  byId("map-in").addEventListener("click", () => view.zoomBy(ZOOM.step));
  byId("map-out").addEventListener("click", () => view.zoomBy(1 / ZOOM.step));
  byId("map-fit").addEventListener("click", () => view.fit(extent()));
  byId("map-full").addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else box.requestFullscreen?.().catch(() => toast("Full screen was refused."));
  });
  document.addEventListener("fullscreenchange", () => drawn && requestAnimationFrame(() => view.fit(extent())));
  tabs.onShow(start);
  player.onTick(highlight);
  start();
}

// A node reached by keyboard may stand outside of what is shown.
function bringIntoView(group, svgRoot, view) {
  const frame = svgRoot.getBoundingClientRect();
  const box = group.getBoundingClientRect();
  const dx = Math.max(frame.left + 16 - box.left, 0) || Math.min(frame.right - 16 - box.right, 0);
  const dy = Math.max(frame.top + 16 - box.top, 0) || Math.min(frame.bottom - 16 - box.bottom, 0);
  if (dx || dy) view.panBy(dx, dy);
}
