// The script of all pages: searching as one types, keys, choosing a take in place, and what changes while a run goes on. Without it
// all can be read, searched and chosen.
import { listen } from "./events.js";
import { key } from "./keys.js";
import { searchAsOneTypes } from "./list.js";
import { submitInPlace } from "./parts.js";
import { localTimes } from "./times.js";

document.documentElement.classList.add("scripted");
localTimes(document);
const form = document.getElementById("filters");
if (form) searchAsOneTypes(form);
if (location.hash === "#q") document.getElementById("q")?.select();
document.addEventListener("keydown", key);
document.addEventListener("submit", submitInPlace);
listen();
