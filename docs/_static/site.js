// What is too wide scrolls by itself. Whoever has no mouse must be able to reach it: it becomes a stop of the Tab key.
function reachable() {
  for (const each of document.querySelectorAll("pre, .output, .scrolls, .table-wrapper, mjx-container[display]")) {
    if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
    else each.removeAttribute("tabindex");
  }
}
addEventListener("load", reachable);
addEventListener("resize", reachable);
