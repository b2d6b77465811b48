// Puts the parts of a batch's page together.

// The reader's own clock; what is no time stays as it is written.
function localTimes() {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  for (const element of document.querySelectorAll("time")) {
    const when = new Date(element.dateTime);
    if (Number.isNaN(when.getTime())) continue;
    element.title = element.dateTime;
    element.textContent = format.format(when);
  }
}

function startCopying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.clipboard.writeText(button.dataset.copy).then(
        () => toast("Copied."),
        () => toast("Copying was refused."),
      );
    });
  }
}

function startRowLinks(filter) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#row-"]');
    const row = link && byId(link.hash.slice(1));
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    filter.reveal(row);
  });
}

function startKeys() {
  document.addEventListener("keydown", (event) => {
    const query = byId("query");
    if (!query || event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select")) return;
    event.preventDefault();
    query.focus();
    query.select();
  });
}

startTheme();
localTimes();
startCopying();
const filter = createFilter();
filter.start();
startRowLinks(filter);
startKeys();
startRefresh();
