// Markdown that grows while it is read: only the last block at the top level is parsed and set again.

import { parseBlocks } from "./blocks.js";
import { patchChildren } from "./render.js";

export class LiveMarkdown {
  constructor(container) {
    this.container = container;
    this.source = "";
    /** Where the last block begins, and the blocks from there on. */
    this.offset = 0;
    this.open = [];
  }

  /** Shows `source`. Cheap if it begins with what was shown before. */
  update(source) {
    // Offsets count one character for each end of a line. A \r that ends the text waits for what follows, which may be
    // its \n.
    source = source.replace(/\r$/, "").replace(/\r\n?/g, "\n");
    if (source === this.source) return;
    if (!source.startsWith(this.source)) {
      this.container.replaceChildren();
      this.offset = 0;
      this.open = [];
    }
    this.source = source;
    const blocks = parseBlocks(source.slice(this.offset));
    patchChildren(this.container, this.open, blocks);
    if (blocks.length === 0) return;
    this.open = blocks.slice(-1);
    this.offset += this.open[0].offset;
  }
}
