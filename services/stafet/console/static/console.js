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

// The form that reports a step: shows the fields of the one chosen, and sends JSON, which no other site's form can.
const form = document.getElementById("report");
if (form) {
  const outcome = document.getElementById("report-said");
  let key = "";
  const shape = () => {
    const { needs, may, about } = form.elements.step.selectedOptions[0].dataset;
    for (const each of form.querySelectorAll("[data-field]")) {
      const input = each.querySelector("input");
      const needed = needs.split(" ").includes(each.dataset.field);
      each.hidden = !needed && !may.split(" ").includes(each.dataset.field) && !["at", "behalf"].includes(each.dataset.field);
      input.disabled = each.hidden;
      input.required = needed;
    }
    document.getElementById("report-about").textContent = form.elements.step.selectedOptions[0].title + (about === "case" ? "" : " It is about: " + about + ".");
  };
  const body = () => {
    const said = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
    if (said.codes) said.codes = said.codes.split(",").map((each) => each.trim()).filter(Boolean);
    if (said.at) said.at = new Date(said.at).toISOString();
    return JSON.stringify(said);
  };
  form.addEventListener("input", () => { key = ""; outcome.textContent = ""; });
  form.elements.step.addEventListener("change", shape);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    key ||= Array.from(crypto.getRandomValues(new Uint8Array(16)), (each) => each.toString(16).padStart(2, "0")).join("");
    try {
      const response = await fetch(location.origin + form.dataset.path, { method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": key }, body: body() });
      const answer = await response.json();
      if (response.ok) { form.reset(); shape(); key = ""; }
      outcome.textContent = response.ok ? "Taken under the receipt " + answer.receipt + ". The page shows what comes of it."
        : [answer.title + ": " + answer.detail, ...(answer.errors || []).map((each) => each.pointer.slice(2) + ": " + each.detail)].join(" ");
    } catch {
      outcome.textContent = "No answer. Send it again as it stands: it counts once.";
    }
  });
  shape();
}
