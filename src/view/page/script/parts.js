// Takes over those parts of a page that are different on the server, without loading the page again.
import { lost, say, saidBy } from "./notices.js";
import { localTimes } from "./times.js";

const AWAY = "`backstory view` does not answer.";

let asking = null;
let next = null;

export const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

export const isAsking = () => asking !== null;

// Shows what the server has at `address`. One question at a time: one that comes meanwhile is asked next, and only the last one.
export function show(address) {
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

async function take(address) {
  let answer;
  let page;
  try {
    answer = await fetch(address);
    page = parsed(await answer.text());
  } catch {
    return; // The event stream says so.
  }
  if (next) return;
  lost("page", answer.ok ? "" : `This page may be out of date: ${saidBy(page)}`);
  if (answer.ok) takeOver(page);
}

// What finds an element again in a part that was replaced.
function findable(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const address = element.getAttribute("href");
  return address && `a[href="${CSS.escape(address)}"]`;
}

// What the reader has opened stays open.
function keepOpen(part, page) {
  for (const open of part.querySelectorAll("details[id][open]")) page.getElementById(open.id)?.setAttribute("open", "");
}

// Takes over the parts of `page` that are different there. The focus stays where it was; on a row that is gone, it goes to the row
// in its place.
export function takeOver(page) {
  localTimes(page);
  const focused = document.activeElement?.closest("[data-live] *");
  const found = focused && findable(focused);
  const nth = [...document.querySelectorAll("a.row")].indexOf(focused);
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh) continue;
    keepOpen(part, page);
    if (fresh.outerHTML !== part.outerHTML) part.replaceWith(document.adoptNode(fresh));
  }
  for (const part of document.querySelectorAll("[data-text]")) {
    const fresh = page.getElementById(part.id)?.textContent;
    if (fresh !== undefined && fresh !== part.textContent) part.textContent = fresh;
  }
  document.title = page.title;
  if (!found || document.activeElement !== document.body) return;
  const rows = document.querySelectorAll("a.row");
  const place = document.querySelector(found) ?? (nth < 0 ? null : rows[Math.min(nth, rows.length - 1)]);
  place?.focus({ preventScroll: true });
}

// Puts an event of the server into a part of the page.
export function put(part, html) {
  const page = parsed(html);
  localTimes(page);
  const fresh = page.getElementById(part.id);
  keepOpen(part, page);
  const focused = part.contains(document.activeElement) && findable(document.activeElement);
  part.replaceChildren(...fresh.childNodes);
  say(fresh.dataset.say);
  if (focused) part.querySelector(focused)?.focus({ preventScroll: true });
}

// Sends a form that changes something, and shows the result where the reader is.
export async function submitInPlace(event) {
  const form = event.target.closest("form[data-stay]");
  if (!form) return;
  event.preventDefault();
  let answer;
  let page;
  try {
    answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    page = parsed(await answer.text());
  } catch {
    return lost("change", `Nothing was changed: ${AWAY}`);
  }
  lost("change", answer.ok ? "" : saidBy(page));
  if (!answer.ok) return document.getElementById("lost").scrollIntoView({ block: "nearest" });
  takeOver(page);
  say(page.getElementById("chosen")?.textContent ?? document.getElementById("chosen")?.textContent);
  document.querySelector(".take.current h3")?.focus();
}
