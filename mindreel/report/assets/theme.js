// Runs in the head, before the first paint: the theme a person chose earlier.
try {
  const stored = localStorage.getItem("mindreel-theme");
  if (stored === "light" || stored === "dark") document.documentElement.dataset.theme = stored;
} catch {
  // Storage may be switched off; the system's preference then decides.
}
document.documentElement.classList.add("scripted");
