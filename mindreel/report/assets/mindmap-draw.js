// Draws the laid-out nodes as SVG. Labels are set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

// Measures text with the fonts the nodes are drawn in.
function mapMeasure(svgRoot) {
  const context = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(svgRoot).fontFamily;
  const fonts = { title: `600 15px ${family}`, chapter: `600 14px ${family}`, point: `14px ${family}`, term: `13px ${family}` };
  const known = new Map();
  return (text, kind) => {
    const key = `${kind} ${text}`;
    if (!known.has(key)) {
      context.font = fonts[kind] ?? fonts.point;
      known.set(key, context.measureText(text).width);
    }
    return known.get(key);
  };
}

const RIGHT_TO_LEFT = /^[^\p{L}]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/u;

function drawNode(node, parent) {
  const group = svg("g", { class: `node ${node.kind}`, role: "treeitem", tabindex: "-1", "data-node": node.id }, parent);
  const place = node.parent ? node.parent.children : [node];
  group.setAttribute("aria-level", node.level + 1);
  group.setAttribute("aria-setsize", place.length);
  group.setAttribute("aria-posinset", place.indexOf(node) + 1);
  const name = `${node.label} (${clock(node.start)})`;
  group.setAttribute("aria-label", name);
  svg("title", {}, group).textContent = name;
  svg("rect", { class: "box", y: -node.height / 2, width: node.width, height: node.height, rx: 8 }, group);
  const rightToLeft = RIGHT_TO_LEFT.test(node.label);
  const text = svg("text", { direction: rightToLeft ? "rtl" : "ltr", "aria-hidden": "true" }, group);
  const x = rightToLeft ? node.width - MAP.padX : MAP.padX;
  node.lines.forEach((line, index) => {
    const y = -node.height / 2 + MAP.padY + MAP.line * (index + 0.5);
    svg("tspan", { x, y, dy: "0.35em" }, text).textContent = line;
  });
  if (node.children.length) drawFold(node, group);
  return group;
}

function drawFold(node, group) {
  const fold = svg("g", { class: "fold", "aria-hidden": "true", transform: `translate(${node.width + 11},0)` }, group);
  svg("circle", { class: "reach", r: 16 }, fold);
  svg("circle", { class: "ring", r: 9 }, fold);
  svg("text", { dy: "0.35em", "text-anchor": "middle" }, fold);
}

function placeNode(node, group) {
  group.setAttribute("transform", `translate(${node.x},${node.y})`);
  if (!node.children.length) return;
  group.setAttribute("aria-expanded", String(node.open));
  group.querySelector(".fold text").textContent = node.open ? "−" : node.children.length;
}

function linkPath(parent, child) {
  const x = parent.x + parent.width + 20;
  const middle = (x + child.x) / 2;
  return `M${x},${parent.y} C${middle},${parent.y} ${middle},${child.y} ${child.x},${child.y}`;
}
