// Shows times as the reader's clock has them. The server writes them in UTC.

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

function written(at) {
  const now = new Date();
  if (at.toDateString() === now.toDateString()) return `today ${time.format(at)}`;
  const form = at.getFullYear() === now.getFullYear() ? day : dayOfYear;
  return `${form.format(at)} ${time.format(at)}`;
}

// Rewrites each time below `root`; its title keeps the exact time, also in UTC.
export function localTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const utc = element.title.split(" · ").at(-1);
    element.textContent = written(at);
    element.title = `${exact.format(at)} · ${utc}`;
  }
}
