// Wakes on the server's word that something changed and takes the page's new content; without it, reload by hand.
"use strict";
const live = document.getElementById("live");
const said = document.getElementById("live-text");
const content = document.getElementById("content");
let busy = false;
let again = false;

function say(state, text) {
  live.hidden = false;
  live.dataset.state = state;
  if (said.textContent !== text) said.textContent = text;
}

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const response = await fetch(location.origin + location.pathname + location.search, { headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(String(response.status));
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("content");
    for (const each of content.querySelectorAll("details[open]")) fresh.querySelector("#" + CSS.escape(each.id))?.setAttribute("open", "");
    if (fresh.innerHTML !== content.innerHTML && !content.contains(document.activeElement?.closest("summary, a") ?? null)) content.replaceChildren(...fresh.childNodes);
    say("on", "Live");
  } catch {
    say("off", "Not live: reload the page");
  }
  setTimeout(() => { busy = false; if (again) { again = false; refresh(); } }, 400);
}

if (live.dataset.live) {
  const source = new EventSource(live.dataset.live);
  source.addEventListener("changed", refresh);
  source.addEventListener("error", () => say("off", "Not live: trying to reconnect"));
  addEventListener("pagehide", () => source.close());
  setInterval(refresh, 60000);
}
