"use strict";
// One line through all lanes, and in words what was seen nearest to its day. No data is written as markup.
document.querySelectorAll("[data-course]").forEach((box) => {
  const data = JSON.parse(box.querySelector("script[type='application/json']").textContent);
  const out = box.querySelector(".readout");
  const idle = out.textContent;
  const svgs = [...box.querySelectorAll("svg.timeline")];

  function words(day, reach) {
    const lines = [];
    for (const span of data.spans)
      if (day >= span.low && (span.high === null || day <= span.high)) lines.push([span.lane, span.text]);
    const lanes = new Map();
    for (const point of data.points) {
      const away = day < point.low ? point.low - day : day > point.high ? day - point.high : 0;
      const far = Math.abs(day - point.day);
      const best = lanes.get(point.lane);
      if (away <= reach && (!best || far < best.far)) lanes.set(point.lane, { far, day: point.day, text: [point.text] });
      else if (best && away <= reach && point.day === best.day) best.text.push(point.text);
    }
    for (const [lane, best] of lanes) lines.push([lane, best.text.join("; ")]);
    return lines;
  }

  function show(day, reach) {
    out.replaceChildren();
    const head = document.createElement("strong");
    head.textContent = "Day " + Math.round(day);
    out.append(head);
    const list = document.createElement("dl");
    for (const [lane, line] of words(day, reach)) {
      const name = document.createElement("dt");
      const value = document.createElement("dd");
      name.textContent = lane;
      value.textContent = line;
      list.append(name, value);
    }
    out.append(list);
  }

  function at(svg, event) {
    const low = +svg.dataset.low, high = +svg.dataset.high, left = +svg.dataset.left, right = +svg.dataset.right;
    const frame = svg.getBoundingClientRect();
    const x = ((event.clientX - frame.left) / frame.width) * svg.viewBox.baseVal.width;
    const day = low + ((Math.min(Math.max(x, left), right) - left) / (right - left)) * (high - low);
    for (const other of svgs) {
      const d = other.dataset;
      const at = +d.left + ((day - d.low) / (d.high - d.low)) * (d.right - d.left);
      const line = other.querySelector(".hover");
      line.setAttribute("x1", at);
      line.setAttribute("x2", at);
      line.style.opacity = 1;
    }
    show(day, (high - low) * 0.02);
  }

  for (const svg of svgs) {
    svg.addEventListener("pointermove", (event) => at(svg, event));
    svg.addEventListener("pointerdown", (event) => at(svg, event));
    svg.addEventListener("pointerleave", () => {
      for (const other of svgs) other.querySelector(".hover").style.opacity = 0;
      out.textContent = idle;
    });
  }
});
// Paper cannot unfold: flags are printed open.
window.addEventListener("beforeprint", () => {
  for (const flags of document.querySelectorAll("details.flags")) flags.open = true;
});
