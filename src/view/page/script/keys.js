// The keys of the pages.
import { move } from "./list.js";

function keyInField(event, field) {
  if (event.key !== "Escape") return;
  if (field.id === "q" && field.value) {
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  } else field.blur();
  event.preventDefault();
}

// Goes to the search field; on other pages to the one of the list that one came from.
function search() {
  const field = document.getElementById("q");
  if (field) return field.select();
  const list = document.querySelector('a[data-key="Escape"]') ?? document.querySelector("a[data-home]");
  const address = new URL(list.href);
  address.hash = "q";
  location.assign(address);
}

function help() {
  const keys = document.getElementById("keys");
  keys.open = !keys.open;
  if (keys.open) keys.querySelector("summary").focus();
}

export function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  // A chosen filter keeps the focus, and letters mean nothing to it.
  const field = event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea");
  if (field) return keyInField(event, field);
  const link = document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`);
  if (link) link.click();
  else if (event.key === "/") search();
  else if (event.key === "?") help();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "Escape" && document.activeElement) document.activeElement.blur();
  else return;
  event.preventDefault();
}
