// The events of the server. Of all visible pages about the same cast one has the event stream and passes the events on to the
// others, because a browser allows few connections to one server. A hidden page has no stream.
import { isAsking, parsed, put, show } from "./parts.js";
import { lost, saidBy } from "./notices.js";

const NEWS_MS = 1000; // News change a page at most this often.
const AGAIN_MS = 5000; // The wait before the next try when the server has no place for a stream.
const OLD = "This page may be out of date: ";

const address = document.body.dataset.events;
const others = address && "BroadcastChannel" in self ? new BroadcastChannel(address) : null;

let leaving = null; // Ends our part, or our place in the queue for it.
let due = 0;
let troubled = false;
const last = new Map(); // The last event of each kind, for pages that come later.

// Shows news soon, but not while a text is being marked.
function news() {
  due ||= setTimeout(() => {
    due = 0;
    if (document.hidden || !document.querySelector("[data-live]")) return;
    if (isAsking() || !getSelection().isCollapsed) news();
    else show(location.href);
  }, NEWS_MS);
}

function hear(kind, text) {
  if (kind === "trouble") {
    troubled = true;
    lost("stream", OLD + text);
    return;
  }
  if (kind === "changed") {
    lost("stream", "");
    // An error page has nothing that could be taken over.
    if (troubled && "again" in document.body.dataset) return location.reload();
    troubled = false;
    return news();
  }
  const part = document.getElementById(kind);
  if (part) put(part, text);
}

function tell(kind, text) {
  if (kind === "trouble" || kind === "changed") {
    last.delete("trouble");
    last.delete("changed");
  }
  last.set(kind, text);
  hear(kind, text);
  others?.postMessage([kind, text]);
}

// Has the stream until `signal` ends it.
function stream(signal) {
  return new Promise((resolve) => {
    let source = null;
    let again = 0;
    const open = () => {
      source = new EventSource(address);
      for (const kind of ["strip", "run", "changed", "trouble"]) {
        source.addEventListener(kind, (event) => tell(kind, event.data));
      }
      source.addEventListener("error", () => {
        if (source.readyState === EventSource.CLOSED) refused();
        else tell("trouble", "`backstory view` does not answer");
      });
    };
    // The browser does not tell why a stream was refused, nor does it try again.
    const refused = async () => {
      const asked = new AbortController();
      try {
        const answer = await fetch(address, { signal: asked.signal });
        if (!answer.ok) tell("trouble", saidBy(parsed(await answer.text())));
      } catch {
        tell("trouble", "`backstory view` does not answer");
      }
      asked.abort();
      if (!signal.aborted) again = setTimeout(open, AGAIN_MS);
    };
    signal.addEventListener("abort", () => {
      clearTimeout(again);
      source?.close();
      last.clear();
      resolve();
    });
    open();
  });
}

function start() {
  if (document.hidden || !address || leaving) return;
  leaving = new AbortController();
  const { signal } = leaving;
  if (!navigator.locks || !others) return stream(signal);
  navigator.locks.request(`events of ${address}`, { signal }, () => stream(signal)).catch(() => {});
  // The page that has the stream says what it heard last.
  others.postMessage(["hello"]);
}

function stop() {
  leaving?.abort();
  leaving = null;
}

export function listen() {
  others?.addEventListener("message", ({ data: [kind, text] }) => {
    if (kind === "hello") for (const event of last) others.postMessage(event);
    else if (!document.hidden) hear(kind, text);
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", start);
  start();
}
