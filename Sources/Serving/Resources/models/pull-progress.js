// A pull as a value: lines of progress in, bytes and speed out. Pure.

const span = 4000;

export class PullProgress {
  constructor() {
    this.status = "";
    this.succeeded = false;
    this.layers = new Map();
    this.marks = [];
  }

  /** One line: {status, digest, total, completed}, or {error}, which is thrown. */
  take(line, now) {
    if (line.error)
      throw new Error(typeof line.error === "string" ? line.error : line.error.message ?? "The pull failed.");
    this.status = line.status ?? this.status;
    if (line.status === "success") this.succeeded = true;
    if (!line.digest || !(line.total > 0)) return;
    this.layers.set(line.digest, { total: line.total, completed: Math.min(line.total, line.completed ?? 0) });
    this.marks.push({ now, completed: this.completed });
    while (this.marks.length > 2 && now - this.marks[0].now > span) this.marks.shift();
  }

  get completed() {
    return [...this.layers.values()].reduce((sum, layer) => sum + layer.completed, 0);
  }

  get total() {
    return [...this.layers.values()].reduce((sum, layer) => sum + layer.total, 0);
  }

  /** Bytes a second over the last seconds; 0 while that is not known. */
  get perSecond() {
    const first = this.marks[0], last = this.marks.at(-1);
    const seconds = last ? (last.now - first.now) / 1000 : 0;
    return seconds > 0.3 ? Math.max(0, (last.completed - first.completed) / seconds) : 0;
  }
}
