// The messages of the open conversation, and the scrolling that follows a growing answer only as long as one is at its
// end.

import { byId, h, perFrame } from "../shell/dom.js";
import { emptyChat } from "./empty.js";
import { MessageView } from "./message.js";

export class Thread {
  constructor(actions) {
    this.actions = actions;
    this.scroller = byId("thread");
    this.list = byId("messages");
    this.latest = byId("to-latest");
    this.views = [];
    this.conversation = null;
    this.answer = null;
    this.following = true;
    this.lastTop = 0;
    this.render = perFrame(() => this.renderAnswer());
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.latest.addEventListener("click", () => { this.follow(); this.toEnd(); this.scroller.focus(); });
    // Pictures of formulas and folded thinking change heights without a message changing.
    new ResizeObserver(() => { if (this.following && this.views.length > 0) this.toEnd(); }).observe(this.list);
  }

  /** Shows a conversation; `answer` is the one under way in it, or null. */
  show(conversation, answer) {
    const same = this.conversation === conversation;
    this.conversation = conversation;
    this.answer = answer;
    if (!same) { this.views = []; this.list.replaceChildren(); this.following = true; }
    const known = new Map(this.views.map((view) => [view.message, view]));
    this.views = conversation.messages.map((message) => known.get(message) ?? new MessageView(message, this.actions));
    const wanted = this.views.map((view) => view.element);
    if (wanted.length === 0) wanted.push(emptyChat(this.actions.suggest));
    // Elements that stay are not touched: what is focused, selected or unfolded in them stays so.
    for (const child of [...this.list.children]) if (!wanted.includes(child)) child.remove();
    wanted.forEach((element, i) => {
      if (this.list.children[i] !== element) this.list.insertBefore(element, this.list.children[i] ?? null);
    });
    this.views.forEach((view, i) => view.setLast(i === this.views.length - 1));
    this.renderAnswer();
    if (wanted.length === 1 && this.views.length === 0) this.scroller.scrollTop = 0;
    else if (this.following) this.toEnd();
    this.showLatest();
  }

  refreshEmpty() {
    if (this.conversation?.messages.length === 0) this.list.replaceChildren(emptyChat(this.actions.suggest));
  }

  update(answer) {
    this.answer = answer;
    this.render();
  }

  renderAnswer() {
    const answer = this.answer;
    if (!answer) return;
    this.views.find((view) => view.message === answer.message)?.update(answer);
    if (answer.isOver) this.answer = null;
    if (this.following) this.toEnd();
    this.showLatest();
  }

  beginEdit(message) {
    this.views.find((view) => view.message === message)?.beginEdit();
  }

  cancelEdit() {
    return this.views.some((view) => view.cancelEdit());
  }

  follow() {
    this.following = true;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.lastTop = this.scroller.scrollTop;
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const fromEnd = scrollHeight - scrollTop - clientHeight;
    if (fromEnd < 12) this.following = true;
    else if (scrollTop < this.lastTop - 1) this.following = false;
    this.lastTop = scrollTop;
    this.showLatest();
  }

  showLatest() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.latest.hidden = scrollHeight - scrollTop - clientHeight < 120;
  }
}
