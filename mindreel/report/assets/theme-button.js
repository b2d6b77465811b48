// Light or dark, as the system has it until a person chooses.

function startTheme() {
  const button = byId("theme");
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const say = () => button.setAttribute("aria-label", isDark() ? "Use the light theme" : "Use the dark theme");
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    storage.set("mindreel-theme", root.dataset.theme);
    say();
  });
  system.addEventListener("change", say);
  say();
}
