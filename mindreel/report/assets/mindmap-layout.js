// Where each node of the mind map stands: a tidy tree growing to the right, one column a level.

const MAP = {
  gapX: 46,
  gapY: 10,
  line: 18,
  padX: 12,
  padY: 7,
  widest: { title: 220, chapter: 210, point: 280, term: 200 },
};

// Gives every node an id, its parent and level; folds what would not fit on a first look.
function prepareMap(root, openLevels) {
  const nodes = [];
  (function walk(node, parent, level) {
    Object.assign(node, { id: nodes.length, parent, level, open: level < openLevels });
    nodes.push(node);
    for (const child of node.children) walk(child, node, level + 1);
  })(root, null, 0);
  return nodes;
}

function visibleNodes(root) {
  const found = [];
  (function walk(node) {
    found.push(node);
    if (node.open) node.children.forEach(walk);
  })(root);
  return found;
}

// Breaks a label into lines no wider than the column; a word too long for a line is cut.
function wrapLabel(label, width, measure) {
  const lines = [];
  let line = "";
  for (const word of label.trim().split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (measure(longer) <= width) {
      line = longer;
      continue;
    }
    if (line) lines.push(line);
    line = "";
    for (const character of word) {
      if (line && measure(line + character) > width) {
        lines.push(line);
        line = "";
      }
      line += character;
    }
  }
  if (line) lines.push(line);
  return lines.length ? lines : [""];
}

const MOST_LINES = 5;

function measureNode(node, measure) {
  const widest = MAP.widest[node.kind] ?? MAP.widest.point;
  const lines = wrapLabel(node.label, widest, (text) => measure(text, node.kind));
  if (lines.length > MOST_LINES) {
    lines.length = MOST_LINES;
    lines[MOST_LINES - 1] += "…"; // the whole label is in the node's title and in the outline
  }
  node.lines = lines;
  node.width = Math.max(...lines.map((text) => measure(text, node.kind))) + 2 * MAP.padX;
  node.height = lines.length * MAP.line + 2 * MAP.padY;
}

function layoutMap(root) {
  const widths = [];
  for (const node of visibleNodes(root)) {
    widths[node.level] = Math.max(widths[node.level] ?? 0, node.width);
  }
  const columns = [0];
  widths.forEach((width, level) => columns.push(columns[level] + width + MAP.gapX));

  function measureBranch(node) {
    const children = node.open ? node.children : [];
    const inside = children.reduce((sum, child) => sum + measureBranch(child) + MAP.gapY, -MAP.gapY);
    node.branch = Math.max(node.height, inside);
    node.inside = Math.max(inside, 0);
    return node.branch;
  }

  function put(node, top) {
    node.x = columns[node.level];
    node.y = top + node.branch / 2;
    let y = top + (node.branch - node.inside) / 2;
    for (const child of node.open ? node.children : []) {
      put(child, y);
      y += child.branch + MAP.gapY;
    }
  }

  measureBranch(root);
  put(root, 0);
}
