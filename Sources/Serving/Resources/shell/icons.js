// The page's icons, drawn on a grid of 20 with one line width.

import { svg } from "./dom.js";

const paths = {
  plus: "M10 4v12M4 10h12", search: "M9 4a5 5 0 1 0 0 10a5 5 0 0 0 0-10M12.8 12.8L16.5 16.5",
  chat: "M4 5.5h12v8H9l-3.5 3v-3H4z",
  models: "M10 3l6.5 3.5L10 10L3.5 6.5zM3.5 10L10 13.5l6.5-3.5M3.5 13.5L10 17l6.5-3.5",
  cluster: "M2.5 7h4v6h-4zM8 7h4v6H8zM13.5 7h4v6h-4zM6.5 10H8M12 10h1.500", menu: "M3.5 6h13M3.5 10h13M3.5 14h13",
  close: "M5 5l10 10M15 5L5 15", send: "M10 16V4.5M5 9.5l5-5l5 5", stop: "M6 6h8v8H6z",
  copy: "M7 7h9v9H7zM13 7V4H4v9h3",
  check: "M4.500 10.500l3.500 3.500L15.500 6", redo: "M15.500 10a5.500 5.500 0 1 1-1.700-4M14 2.800V6.200h-3.400",
  edit: "M4 16l.8-3.400L13 4.400l2.600 2.600l-8.200 8.200zM11.500 6l2.600 2.600",
  trash: "M4 6h12M8 6V4h4v2M5.500 6l.8 10h7.400l.8-10M8.500 9v4.500M11.500 9v4.500",
  sliders: "M3.500 6.500h7M14.500 6.500h2M12.500 4.500v4M3.500 13.500h2M9.500 13.500h7M7.500 11.500v4",
  chevron: "M7 5l5 5l-5 5", down: "M10 4v11.500M5 10.800l5 5l5-5",
  light: "M10 6.800a3.200 3.200 0 1 0 0 6.400a3.200 3.200 0 0 0 0-6.400M10 2.500v1.500M10 16v1.500M2.500 10H4M16 " +
    "10h1.500M4.700 4.700l1 1M14.300 14.300l1 1M4.700 15.300l1-1M14.300 5.700l1-1",
  dark: "M15.800 11.800A6.300 6.300 0 0 1 8.200 4.200a6.300 6.300 0 1 0 7.600 7.600",
  system: "M3.500 4.500h13v8.500h-13zM7.500 16h5M10 13v3",
  download: "M10 3.500v9M6 9l4 4l4-4M4 16.500h12", upload: "M10 13V4M6 7.500l4-4l4 4M4 16.500h12",
  more: "M5 10h.01M10 10h.01M15 10h.01",
  keyboard: "M2.500 5.500h15v9h-15zM5.500 8.500h.01M8.500 8.500h.01M11.500 8.500h.01M14.500 8.500h.01M6.500 11.500h7",
  warning: "M10 3.500L17.500 16h-15zM10 8.500v3.500M10 14h.01",
};

export function icon(name) {
  return svg("svg", { viewBox: "0 0 20 20", class: "icon", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: paths[name], fill: "none", stroke: "currentColor", "stroke-width": name === "more" ? 2.4 : 1.5,
      "stroke-linecap": "round", "stroke-linejoin": "round" }));
}
