// Conversations to a file and back.

import { byId, h } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { notify } from "../shell/notices.js";
import { counted } from "../shell/format.js";
import { exportText, importText } from "./conversation.js";
import { allConversations, forget, keep, saveNow } from "./store.js";

const largestFile = 200 * 1024 * 1024;

export function startTransfer(chat) {
  name("export", "download", "Export all conversations");
  name("import", "upload", "Import conversations");
  byId("export").addEventListener("click", () => {
    const all = allConversations().filter((each) => each.messages.length > 0);
    if (all.length === 0) { notify("There is nothing to export yet"); return; }
    const url = URL.createObjectURL(new Blob([exportText(all)], { type: "application/json" }));
    h("a", { href: url, download: `brigade-${new Date().toISOString().slice(0, 10)}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    notify(`Exported ${counted(all.length, "conversation")}`);
  });

  const file = byId("import-file");
  byId("import").addEventListener("click", () => file.click());
  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    file.value = "";
    if (!chosen) return;
    try {
      if (chosen.size > largestFile) throw new Error("This file is larger than 200 MiB.");
      const read = importText(await chosen.text());
      for (const conversation of read) keep(conversation);
      await saveNow();
      chat.listChanged();
      notify(`Imported ${counted(read.length, "conversation")}`, {
        undo: () => { for (const { id } of read) forget(id); chat.startNew(); chat.listChanged(); },
      });
    } catch (error) {
      notify(error.message, { bad: true });
    }
  });
}

function name(id, symbol, label) {
  const button = byId(id);
  button.append(icon(symbol));
  button.title = label;
  button.setAttribute("aria-label", label);
}
