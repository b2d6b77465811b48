// Puts the parts together. Each of them stands in its own file.

// "en" as "English", in the words of the page's own language.
function nameLanguage() {
  const item = document.querySelector("[data-language]");
  if (!item || !window.Intl?.DisplayNames) return;
  item.textContent = new Intl.DisplayNames(["en"], { type: "language" }).of(item.dataset.language);
}

// The tabs stick below the player on small screens, so they need to know its height.
function measureStage() {
  const stage = byId("stage");
  const player = stage.querySelector(".player");
  new ResizeObserver(() => {
    const sticking = getComputedStyle(stage).display === "contents" ? player : stage;
    document.documentElement.style.setProperty("--stage-height", `${sticking.offsetHeight}px`);
  }).observe(player);
}

function start() {
  const data = JSON.parse(byId("data").textContent);
  startTheme();
  nameLanguage();
  measureStage();
  const help = createHelp();
  const tabs = createTabs();
  const player = createPlayer(data);
  const controls = createControls(player, data);
  const timeline = createTimeline(player, data);
  const transcript = createTranscript(player, data, tabs);
  const captions = createCaptions(player, data, transcript.words);
  const search = createSearch(transcript, tabs);
  createQuiz(data);
  createMindmap(player, data, tabs);
  createClips(player, tabs);
  const links = createLinks(player, tabs, transcript);
  createKeyboard({ player, controls, captions, timeline, search, tabs, help });
  tabs.show("overview");
  links.fromAddress();
  player.refresh();
}

start();
