// Zoom and pan: wheel, drag, pinch, buttons.

const ZOOM = { least: 0.15, most: 2.5, step: 1.25 };
const TOOLS_PX = 44; // the buttons lie over the lower edge

function createMapView(svgRoot, layer) {
  const view = { x: 0, y: 0, k: 1 };
  const pointers = new Map();
  let moved = 0;

  function apply() {
    layer.setAttribute("transform", `translate(${view.x},${view.y}) scale(${view.k})`);
  }

  function zoomAt(x, y, factor) {
    const k = clamp(view.k * factor, ZOOM.least, ZOOM.most);
    view.x = x - ((x - view.x) * k) / view.k;
    view.y = y - ((y - view.y) * k) / view.k;
    view.k = k;
    apply();
  }

  function panBy(dx, dy) {
    view.x += dx;
    view.y += dy;
    apply();
  }

  function fitScale(box) {
    const { clientWidth: width, clientHeight: height } = svgRoot;
    return Math.min((width - 32) / box.width, (height - 32 - TOOLS_PX) / box.height, 1.1);
  }

  // The whole of `box`, but never so small that it cannot be read: then its left edge comes first.
  function fit(box, readable = ZOOM.least) {
    const { clientWidth: width, clientHeight: height } = svgRoot;
    if (!width || !box.width) return;
    const whole = fitScale(box);
    view.k = Math.max(whole, readable);
    const spare = width - box.width * view.k;
    view.x = (spare > 32 ? spare / 2 : 16) - box.x * view.k;
    view.y = (height - TOOLS_PX) / 2 - (box.y + box.height / 2) * view.k;
    apply();
  }

  function local(event) {
    const box = svgRoot.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  svgRoot.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const { x, y } = local(event);
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
      if (sideways && !event.ctrlKey) panBy(-(event.deltaX || event.deltaY) * unit, 0);
      else zoomAt(x, y, Math.exp(-clamp(event.deltaY * unit, -120, 120) * (event.ctrlKey ? 0.01 : 0.002)));
    },
    { passive: false },
  );
  svgRoot.addEventListener("pointerdown", (event) => {
    if (pointers.size === 0) moved = 0;
    pointers.set(event.pointerId, local(event));
  });
  svgRoot.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = local(event);
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (moved > 4) svgRoot.setPointerCapture(event.pointerId);
    if (other) {
      const was = Math.hypot(before.x - other.x, before.y - other.y);
      const is = Math.hypot(now.x - other.x, now.y - other.y);
      zoomAt((now.x + other.x) / 2, (now.y + other.y) / 2, is / Math.max(was, 1));
      panBy((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else if (moved > 4) panBy(now.x - before.x, now.y - before.y);
    pointers.set(event.pointerId, now);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    svgRoot.addEventListener(name, (event) => pointers.delete(event.pointerId));
  }
  return {
    view,
    fit,
    fitScale,
    panBy,
    zoomBy: (factor) => zoomAt(svgRoot.clientWidth / 2, svgRoot.clientHeight / 2, factor),
    wasDragged: () => moved > 4,
  };
}
