// Links to a second: every `data-t` in the page, and `#t=83.5` in the address.

function createLinks(player, tabs, transcript) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-t]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    transcript.follow?.resume();
    player.seek(Number(link.dataset.t), { andPlay: true });
  });

  function fromAddress() {
    const seconds = parseMoment(location.hash);
    if (seconds !== null) player.seek(seconds);
    else if (location.hash.length > 1) tabs.show(location.hash.slice(1));
  }

  addEventListener("hashchange", fromAddress);
  byId("copy-link")?.addEventListener("click", () => copyMoment(player));
  return { fromAddress };
}

// `#t=83.5`, `#t=1:23` and `#t=1:02:03`, as in W3C Media Fragments.
function parseMoment(hash) {
  const match = /^#t=(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)$/.exec(hash);
  if (!match) return null;
  const [, hours = 0, minutes = 0, seconds] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

function copyMoment(player) {
  const address = new URL(location.href);
  address.hash = `t=${player.time().toFixed(1)}`;
  const said = `Link to ${clock(player.time())}`;
  const inAddressBar = () => {
    history.replaceState(null, "", address);
    toast(`${said} is in the address bar.`);
  };
  if (!navigator.clipboard) inAddressBar();
  else navigator.clipboard.writeText(address.href).then(() => toast(`${said} copied.`), inAddressBar);
}
