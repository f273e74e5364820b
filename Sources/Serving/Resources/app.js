// The page: which view is on show, the sidebar, and the keys that work everywhere.

import { startChat } from "./chat/view.js";
import { startList } from "./chat/list.js";
import { startTransfer } from "./chat/transfer.js";
import { openStore } from "./chat/store.js";
import { anyRunning, runOf } from "./chat/runs.js";
import { startModels } from "./models/view.js";
import { startCluster } from "./cluster/view.js";
import { startStrip } from "./cluster/strip.js";
import { watchCluster } from "./cluster/feed.js";
import { refreshModels } from "./net/server.js";
import { whenRestored } from "./net/connection.js";
import { byId } from "./shell/dom.js";
import { icon } from "./shell/icons.js";
import { notify } from "./shell/notices.js";
import { startTheme } from "./shell/theme.js";
import { startSidebar } from "./shell/sidebar.js";
import { startShortcuts } from "./shell/shortcuts.js";

const names = { chat: "Chat", models: "Models", cluster: "Cluster" };

async function start() {
  for (const [id, name] of [["link-chat", "chat"], ["link-models", "models"], ["link-cluster", "cluster"],
    ["new-chat", "plus"]]) {
    byId(id).prepend(icon(name));
  }
  startTheme();
  const lasting = await openStore((id) => runOf(id) !== null);
  const chat = startChat();
  startList(chat);
  startTransfer(chat);
  startStrip();
  const views = { chat, models: startModels(chat), cluster: startCluster() };
  const sidebar = startSidebar();
  startShortcuts(chat, sidebar);

  function route() {
    const [, name = "", id = null] = location.hash.split("/");
    const shown = name === "models" || name === "cluster" ? name : "chat";
    for (const [key, view] of Object.entries(views)) {
      byId(`view-${key}`).hidden = key !== shown;
      const link = byId(`link-${key}`);
      if (key === shown) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
      if (key !== shown) view.hide?.();
    }
    document.title = shown === "chat" ? "Brigade" : `${names[shown]} · Brigade`;
    views[shown].show(id);
    sidebar.close();
  }
  addEventListener("hashchange", route);
  route();

  byId("skip").addEventListener("click", (event) => { event.preventDefault(); byId("main").focus(); });
  addEventListener("beforeunload", (event) => { if (anyRunning()) event.preventDefault(); });
  whenRestored(refreshModels);
  let starting = false;
  watchCluster(({ snapshot }) => {
    const now = Boolean(snapshot?.starting);
    if (starting && !now) refreshModels();
    starting = now;
  });
  if (!lasting)
    notify("This browser does not let the page keep anything. Export what you want to keep.", { bad: true });
  await refreshModels();
}

start();
