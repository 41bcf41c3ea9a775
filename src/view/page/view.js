// The page's one script: searching as one types, keys, and what changes while a run goes on. Without it all can be read.
"use strict";

const TYPED_MS = 160; // The wait after the last key before the list is updated.
const NEWS_MS = 1000; // News change a list at most this often.

let asking = null;
let next = null;
let due = 0;
let source = null;

// Shows what the server has at `address`. One question at a time: who asks meanwhile is answered next, and only the last one.
async function show(address) {
  if (asking) {
    next = address;
    return asking;
  }
  asking = (async () => {
    for (next = address; next; ) {
      const now = next;
      next = null;
      await take(now);
    }
    asking = null;
  })();
  return asking;
}

// Takes over those parts of the page at `address` that are different there.
async function take(address) {
  let text;
  try {
    const answer = await fetch(address);
    if (!answer.ok || next) return;
    text = await answer.text();
  } catch {
    return; // The program has ended: what is shown stays.
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  const focused = document.activeElement?.closest("[data-live] a")?.getAttribute("href");
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (fresh && fresh.outerHTML !== part.outerHTML) part.replaceWith(document.adoptNode(fresh));
  }
  document.title = page.title;
  if (focused && document.activeElement === document.body) {
    document.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}

// The list that the form asks for; what says nothing is left out of its address.
function asked(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim()) query.set(name, value);
  return query.size ? `/?${query}` : "/";
}

function searchAsOneTypes(form) {
  let typed = 0;
  const now = () => {
    clearTimeout(typed);
    const address = asked(form);
    history.replaceState(null, "", address);
    show(address);
  };
  const soon = () => {
    clearTimeout(typed);
    typed = setTimeout(now, TYPED_MS);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    now();
  });
}

// Moves the focus along the rows; beyond the last one to the next page, beyond the first one to the page before.
async function move(step) {
  const rows = [...document.querySelectorAll("a.row")];
  const at = rows.indexOf(document.activeElement);
  const row = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  if (row) return row.focus();
  const link = document.querySelector(`.pages a[rel="${step > 0 ? "next" : "prev"}"]`);
  if (!link) return;
  history.replaceState(null, "", link.href);
  await show(link.href);
  const fresh = document.querySelectorAll("a.row");
  fresh[step > 0 ? 0 : fresh.length - 1]?.focus();
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const field = event.target.closest("input, select, textarea");
  const search = document.getElementById("q");
  if (field) {
    if (event.key !== "Escape") return;
    if (field === search && search.value) {
      search.value = "";
      search.dispatchEvent(new Event("input", { bubbles: true }));
    } else field.blur();
    event.preventDefault();
    return;
  }
  const link = document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`);
  if (link) link.click();
  else if (event.key === "/" && search) search.select();
  else if (event.key === "/") location.assign("/#q");
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "Escape" && document.activeElement) document.activeElement.blur();
  else return;
  event.preventDefault();
}

// Puts what the server tells into a part of the page.
function put(part, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
  part.replaceChildren(...page.getElementById(part.id).childNodes);
  if (focused) part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

// Shows news soon, but not while a text is being marked.
function news() {
  due ||= setTimeout(() => {
    due = 0;
    if (document.hidden || !document.querySelector("[data-live]")) return;
    if (asking || !getSelection().isCollapsed) news();
    else show(location.href);
  }, NEWS_MS);
}

// Says that what is shown may be old, and why; or that it is not.
function lost(words) {
  const place = document.getElementById("lost");
  if (place.textContent !== words) place.textContent = words;
}

// A hidden page has no event stream: a browser allows few connections to one server.
function listen() {
  if (document.hidden) {
    source?.close();
    source = null;
    return;
  }
  if (source) return;
  source = new EventSource(document.body.dataset.events);
  for (const name of ["strip", "run"]) {
    source.addEventListener(name, (event) => {
      const part = document.getElementById(name);
      if (part) put(part, event.data);
    });
  }
  source.addEventListener("changed", () => {
    lost("");
    news();
  });
  source.addEventListener("trouble", (event) => lost(`This page may be out of date: ${event.data}`));
  source.addEventListener("error", () => lost("This page may be out of date: `backstory view` does not answer."));
}

document.documentElement.classList.add("scripted");
const form = document.getElementById("filters");
if (form) searchAsOneTypes(form);
if (location.hash === "#q") document.getElementById("q")?.focus();
document.addEventListener("keydown", key);
document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => {
  source?.close();
  source = null;
});
addEventListener("pageshow", listen);
listen();
