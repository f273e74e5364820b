// Figures as people read them.

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function count(n) {
  return whole.format(n);
}

/** "1 token", "2,000 tokens". */
export function counted(n, noun) {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

export function rate(perSecond) {
  return perSecond >= 100 ? whole.format(perSecond) : one.format(perSecond);
}

/** Bytes in binary units, as memory is counted. */
export function bytes(n) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) { n /= 1024; unit++; }
  return `${unit === 0 || n >= 100 ? whole.format(n) : one.format(n)} ${units[unit]}`;
}

/** "8 s", "2 min 5 s". */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${one.format(seconds)} s`;
  if (seconds < 60) return `${whole.format(seconds)} s`;
  const rounded = Math.round(seconds);
  return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
}

export function milliseconds(n) {
  return n < 10 ? `${one.format(n)} ms` : `${whole.format(n)} ms`;
}

/** "Today", "Yesterday", "This week", "November 2026": headings of the list. */
export function dayGroup(time, now = Date.now()) {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (time >= midnight) return "Today";
  if (time >= midnight - 86_400_000) return "Yesterday";
  if (time >= midnight - 6 * 86_400_000) return "This week";
  return new Date(time).toLocaleDateString(undefined, { month: "long", year: "numeric" });
}

export function ago(time, now = Date.now()) {
  const days = Math.floor((now - time) / 86_400_000);
  return days < 1 ? "today" : days === 1 ? "yesterday" : days < 60 ? `${days} days ago`
    : new Date(time).toLocaleDateString();
}
