// The list: it follows the search field and the filters, and the address follows the list.
import { show } from "./parts.js";

const TYPED_MS = 160; // The wait after the last key before the list is updated.

// The list that the form asks for; what says nothing is left out of its address.
function asked(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim()) query.set(name, value);
  return query.size ? `/?${query}` : "/";
}

// Sets the form to what an address asks for.
function fill(form, address) {
  const query = new URL(address).searchParams;
  for (const field of form.elements) {
    const value = query.get(field.name) ?? "";
    if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
    else if (field.name) field.value = value;
  }
}

// On a wide screen all filters are open, on a small one they are folded.
function unfoldOnWideScreens() {
  const wide = matchMedia("(min-width: 60rem)");
  const more = document.getElementById("more");
  const unfold = () => (more.open = wide.matches);
  wide.addEventListener("change", unfold);
  unfold();
}

// A filter or an order is a step of the history. Typing replaces the step, so that going back does not go through each letter.
export function searchAsOneTypes(form) {
  unfoldOnWideScreens();
  let typed = 0;
  const go = (step) => {
    clearTimeout(typed);
    const address = asked(form);
    if (address !== location.pathname + location.search) history[step](null, "", address);
    if (step === "pushState") scrollTo(0, 0);
    show(address);
  };
  form.addEventListener("input", (event) => {
    clearTimeout(typed);
    if (event.target.id === "q") typed = setTimeout(() => go("replaceState"), TYPED_MS);
  });
  form.addEventListener("change", (event) => go(event.target.id === "q" ? "replaceState" : "pushState"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go("replaceState");
  });
  addEventListener("popstate", () => {
    fill(form, location.href);
    show(location.href);
  });
}

// Moves the focus along the rows; beyond the last one to the next page, beyond the first one to the page before.
export async function move(step) {
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
