// Making elements. There is no way through here to set HTML: children are nodes or text.

const svgNamespace = "http://www.w3.org/2000/svg";

/**
 * An element with attributes and children.
 *
 * Attributes whose value is false, null or "" (for class) are left out; `on` holds listeners by event name.
 */
export function h(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS(svgNamespace, tag), attributes, children);
}

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (value !== false && value !== null && value !== undefined && !(name === "class" && value === "")) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Calls `action` once in the next frame, however often it is asked for before; waits longer after a slow one. */
export function perFrame(action) {
  let asked = false, earliest = 0;
  const run = (now) => {
    if (now < earliest) { requestAnimationFrame(run); return; }
    asked = false;
    const begun = performance.now();
    action();
    // A frame that took long to make is followed by as much rest, so that typing and scrolling stay smooth.
    earliest = now + (performance.now() - begun) * 3;
  };
  return () => {
    if (asked) return;
    asked = true;
    // A hidden page gets no frames; what runs in the background must still be kept up.
    if (document.hidden) setTimeout(() => run(performance.now()), 250);
    else requestAnimationFrame(run);
  };
}
