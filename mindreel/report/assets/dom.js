// Small helpers that every other file uses.

function byId(id) {
  return document.getElementById(id);
}

function clock(seconds) {
  const whole = Math.floor(Math.max(0, seconds) + 1e-6);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

// The last place in an ascending list whose value is at most `value`; -1 before the first.
function lastAtMost(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

const storage = {
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // Private windows and locked-down browsers refuse; the page works without a memory.
    }
  },
};

let toastTimer = 0;
function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("shown"), 2500);
}

function calmMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// Lower case without accents, so that "resume" finds "Résumé".
function foldText(text) {
  const plain = /^[\x21-\x7e]*$/.test(text) ? text : text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/\s+/g, " ");
  return plain.toLowerCase();
}
