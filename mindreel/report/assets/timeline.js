// The bar below the picture: chapters as pieces of it, clips as marks under it.

function createTimeline(player, data) {
  const slider = byId("timeline");
  const chapters = data.chapters;
  const starts = chapters.map((chapter) => chapter.start);
  const links = [...(byId("chapters")?.querySelectorAll("a") ?? [])];
  let shown = -2;

  function chapterAt(seconds) {
    return lastAtMost(starts, seconds + 0.05);
  }

  function step(direction) {
    const here = chapterAt(player.time());
    const restart = direction < 0 && here >= 0 && player.time() - starts[here] > 3;
    const target = restart ? here : clamp(here + direction, 0, chapters.length - 1);
    if (chapters.length) player.seek(starts[target]);
  }

  if (!slider) return { chapterAt, step };
  const bars = drawBars(byId("bars"), chapters, data.duration);
  drawClips(byId("clip-marks"), data);
  listenToPointer(slider, player, data, chapterAt);

  function showTime(now) {
    byId("now").textContent = clock(now);
    byId("thumb").style.left = `${share(now, data)}%`;
    for (const bar of bars) {
      const done = clamp((now - bar.start) / Math.max(bar.end - bar.start, 0.001), 0, 1);
      bar.fill.style.transform = `scaleX(${done})`;
    }
  }

  function showChapter(index) {
    shown = index;
    byId("current").textContent = index >= 0 ? chapters[index].title : "";
    links.forEach((link, place) => {
      if (place === index) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    if (links[index]) keepInView(links[index].closest("ol"), links[index]);
  }

  let spoken = -1;
  player.onTick((now) => {
    showTime(now);
    const index = chapterAt(now);
    if (index !== shown) showChapter(index);
    const second = Math.floor(now);
    if (second === spoken) return;
    spoken = second;
    slider.setAttribute("aria-valuenow", second);
    const chapter = index >= 0 ? `, ${chapters[index].title}` : "";
    slider.setAttribute("aria-valuetext", `${clock(now)} of ${clock(data.duration)}${chapter}`);
  });
  return { chapterAt, step };
}

function share(seconds, data) {
  return data.duration ? clamp((seconds / data.duration) * 100, 0, 100) : 0;
}

function drawBars(box, chapters, duration) {
  const spans = chapters.length ? chapters : [{ start: 0, end: duration }];
  return spans.map((span, index) => {
    const start = index === 0 ? 0 : span.start;
    const end = index + 1 < spans.length ? spans[index + 1].start : Math.max(duration, span.end);
    const bar = document.createElement("div");
    const fill = document.createElement("div");
    bar.className = "bar";
    fill.className = "bar-fill";
    bar.style.flexGrow = Math.max(end - start, 0.001);
    bar.append(fill);
    box.append(bar);
    return { start, end, fill };
  });
}

function drawClips(box, data) {
  for (const clip of data.clips) {
    const mark = document.createElement("div");
    mark.className = "clip-mark";
    mark.style.left = `${share(clip.start, data)}%`;
    mark.style.width = `${share(clip.end - clip.start, data)}%`;
    box.append(mark);
  }
}

function listenToPointer(slider, player, data, chapterAt) {
  const tip = byId("tip");
  const secondsAt = (event) => {
    const box = slider.getBoundingClientRect();
    return clamp((event.clientX - box.left) / box.width, 0, 1) * data.duration;
  };
  const showTip = (event) => {
    const seconds = secondsAt(event);
    const chapter = data.chapters[chapterAt(seconds)];
    tip.textContent = chapter ? `${clock(seconds)}  ${chapter.title}` : clock(seconds);
    tip.hidden = false;
    const box = slider.getBoundingClientRect();
    const half = tip.offsetWidth / 2;
    const x = clamp(event.clientX, 8 + half, document.documentElement.clientWidth - 8 - half);
    tip.style.left = `${x - box.left}px`;
  };
  slider.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    slider.setPointerCapture(event.pointerId);
    player.seek(secondsAt(event));
  });
  slider.addEventListener("pointermove", (event) => {
    showTip(event);
    if (slider.hasPointerCapture(event.pointerId)) player.seek(secondsAt(event));
  });
  for (const name of ["pointerleave", "pointerup"]) {
    slider.addEventListener(name, () => {
      tip.hidden = true;
    });
  }
  slider.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 5, ArrowUp: 5, ArrowLeft: -5, ArrowDown: -5, PageUp: 60, PageDown: -60 };
    if (event.key in steps) player.skip(steps[event.key]);
    else if (event.key === "Home") player.seek(0);
    else if (event.key === "End") player.seek(data.duration);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

// Scrolls only the list itself: scrollIntoView would move the page as well.
function keepInView(list, item) {
  const top = item.offsetTop - list.offsetTop;
  if (top < list.scrollTop || top + item.offsetHeight > list.scrollTop + list.clientHeight) {
    list.scrollTop = top - list.clientHeight / 3;
  }
}
