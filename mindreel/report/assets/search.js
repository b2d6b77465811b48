// Search in the transcript: ignores case and accents, finds phrases across words and sentences.

const MAX_MARKED = 2000;

function createSearch(transcript, tabs) {
  const input = byId("query");
  if (!input) return { focus: () => {} };
  const output = byId("hits");
  const previous = byId("hit-previous");
  const next = byId("hit-next");
  let text = null;
  let hits = []; // where in the folded text
  let size = 0;
  let here = -1;
  byId("search").hidden = false;

  function find() {
    text ??= foldTranscript(transcript.words);
    const query = foldText(input.value).trim();
    hits = query ? findAll(text.all, query) : [];
    size = query.length;
    here = hits.length ? 0 : -1;
    mark("search-hit", hits.slice(0, MAX_MARKED).map(rangeOf));
    show(Boolean(query));
  }

  function rangeOf(at) {
    const range = document.createRange();
    const from = place(text, at);
    const to = place(text, at + size - 1);
    range.setStart(from.node, from.offset);
    range.setEnd(to.node, to.end);
    return range;
  }

  function show(asked) {
    const range = here >= 0 ? rangeOf(hits[here]) : null;
    mark("search-now", range ? [range] : []);
    previous.disabled = next.disabled = hits.length < 2;
    if (!asked) output.textContent = "";
    else output.textContent = hits.length ? `${here + 1} of ${hits.length}` : "Not found";
    output.classList.toggle("none", asked && !hits.length);
    if (!range) return;
    transcript.follow.letGo();
    scrollToWord(range.startContainer.parentElement);
  }

  function move(step) {
    if (!hits.length) return;
    here = (here + step + hits.length) % hits.length;
    show(true);
  }

  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") move(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") {
      input.value = "";
      find();
      input.blur();
    } else return;
    event.preventDefault();
  });
  previous.addEventListener("click", () => move(-1));
  next.addEventListener("click", () => move(1));

  return {
    focus() {
      tabs.show("transcript");
      input.focus({ preventScroll: true });
      input.select();
    },
  };
}

// All words folded into one string, and for each word where it begins in it.
function foldTranscript(words) {
  const starts = [];
  const pieces = [];
  let length = 0;
  words.forEach((word, index) => {
    const glued = index > 0 && word.previousSibling?.nodeType === Node.ELEMENT_NODE;
    const space = index === 0 || glued ? "" : " ";
    const folded = foldText(word.textContent);
    starts.push(length + space.length);
    pieces.push(space + folded);
    length += space.length + folded.length;
  });
  return { all: pieces.join(""), starts, words };
}

function findAll(all, query) {
  const hits = [];
  for (let at = all.indexOf(query); at >= 0; at = all.indexOf(query, at + query.length)) hits.push(at);
  return hits;
}

// Where a character of the folded text stands in the page. Folding may change a word's length
// ("ﬁ" becomes "fi"), so the word's own characters are folded one by one up to it.
function place({ starts, words }, at) {
  const index = Math.max(0, lastAtMost(starts, at));
  const node = words[index].firstChild;
  let folded = starts[index];
  let offset = 0;
  for (const character of node.data) {
    const end = folded + foldText(character).length;
    if (at < end) return { node, offset, end: offset + character.length };
    folded = end;
    offset += character.length;
  }
  return { node, offset: node.length, end: node.length };
}

// Marks ranges without touching the text, where the browser can (all current ones).
function mark(name, ranges) {
  if (window.CSS?.highlights && window.Highlight) CSS.highlights.set(name, new Highlight(...ranges));
}
