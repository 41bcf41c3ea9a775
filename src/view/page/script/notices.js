// What is said to the reader: that the page may be old, and what has just changed.

const troubles = new Map();

// Says that what is shown may be old, and why; empty words take it back. Each of the parts that can have trouble has its own words.
export function lost(part, words) {
  troubles.set(part, words);
  const first = [...troubles.values()].find(Boolean) ?? "";
  const notice = document.getElementById("lost");
  if (notice.textContent !== first) notice.textContent = first;
}

// Says something that a screen reader reads out. It is not visible.
export function say(words) {
  const region = document.getElementById("said");
  if (words && region.textContent !== words) region.textContent = words;
}

// What an error page says, in one line.
export function saidBy(page) {
  const parts = [...page.querySelectorAll("#main h1, #main .alone .note")].map((part) => part.textContent.trim());
  return parts.join(": ") || "the answer cannot be read";
}
