"use strict";
// What the report's page does beyond showing itself: filters, diagrams, charts, the replay. Asks the network nothing.
(() => {
  const byId = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const read = (id) => JSON.parse(byId(id)?.textContent || "{}");
  const page = read("page");
  const SVG = "http://www.w3.org/2000/svg";

  // --- findings: shown where they fit every filter ---

  function filterFindings() {
    const filters = all("select[data-filter]");
    const rows = all("table.findings tbody tr");
    const fits = (row, filter) => {
      if (!filter.value) return true;
      const value = row.dataset[filter.dataset.filter];
      return filter.dataset.filter === "departments" ? JSON.parse(value).includes(filter.value) : value === filter.value;
    };
    const update = () => {
      for (const row of rows) row.hidden = !filters.every((filter) => fits(row, filter));
      if (byId("shown")) byId("shown").textContent = String(rows.filter((row) => !row.hidden).length);
    };
    for (const filter of filters) filter.addEventListener("change", update);
    for (const form of all("form")) form.addEventListener("submit", (event) => event.preventDefault());
    const clear = () => {
      for (const filter of filters) filter.value = "";
      update();
    };
    update();
    return clear;
  }

  // --- diagrams: one is shown at a time ---

  const figures = all("figure.diagram");
  const shownFigure = () => figures.find((figure) => !figure.hidden);

  function show(figure) {
    for (const each of figures) each.hidden = each !== figure;
    const select = byId("view");
    if (select) select.value = figure.dataset.prefix;
    replay?.follow(figure);
  }

  // diagrams fit the width, or are so many percent of their own size
  function zoom(size) {
    for (const canvas of all(".canvas")) {
      const svg = canvas.querySelector("svg");
      canvas.classList.toggle("fit", size === "fit");
      svg.dataset.width ??= svg.getAttribute("width");
      svg.style.width = size === "fit" ? "" : `${(Number.parseFloat(svg.dataset.width) * 4 * size) / 300}px`;
      svg.style.height = size === "fit" ? "" : "auto";
    }
    byId("zoom").value = size;
  }

  // who is led to a place in a diagram can read what stands there
  function readable(figure) {
    const svg = figure.querySelector("svg");
    if (svg.getBoundingClientRect().width < 0.75 * svg.viewBox.baseVal.width * (4 / 3)) zoom("100");
  }

  // a link to a place in a diagram that is not shown shows it first; one to a finding that is filtered away too
  function arrive(clearFilters) {
    let target = null;
    try {
      target = byId(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return;
    }
    if (!target) return;
    const figure = target.closest("figure.diagram");
    if (figure && figure.hidden) show(figure);
    if (figure) readable(figure);
    if (target.hidden && target.matches("tr")) clearFilters();
    for (const marked of all(".arrived")) marked.classList.remove("arrived");
    target.classList.add("arrived");
    if (figure || target.matches("tr")) target.scrollIntoView({ block: "center", inline: "center" });
  }

  // --- charts ---

  const INK = { fontFamily: getComputedStyle(document.body).fontFamily, color: "#1a1a1a", fontSize: 13 };

  function waterfall(chart) {
    let sum = 0;
    const base = [];
    for (const step of chart.steps) {
      base.push(sum);
      sum += step.days;
    }
    const names = [...chart.steps.map((step) => step.name), chart.total];
    const bars = chart.steps.map((step) => ({ value: step.days, itemStyle: { color: step.color }, text: step.text }));
    bars.push({ value: sum, itemStyle: { color: "#1a1a1a" }, text: chart.whole });
    return {
      grid: { left: 8, right: 110, top: 8, bottom: 36, containLabel: true },
      xAxis: { type: "value", name: chart.unit, nameLocation: "middle", nameGap: 26,
        axisLabel: { ...INK, hideOverlap: true }, splitNumber: 4 },
      yAxis: { type: "category", data: names, inverse: true, axisLabel: INK },
      series: [
        { type: "bar", stack: "all", data: [...base, 0], itemStyle: { color: "transparent" }, silent: true },
        {
          type: "bar",
          stack: "all",
          data: bars,
          label: { ...INK, show: true, position: "right", formatter: (bar) => bar.data.text },
        },
      ],
    };
  }

  const LOOKS = [
    { color: "#d55e00", type: "solid", symbol: "circle" },
    { color: "#0072b2", type: "dashed", symbol: "diamond" },
  ];

  function distribution(chart) {
    const middles = chart.edges.slice(1).map((edge, index) => (edge + chart.edges[index]) / 2);
    const series = chart.series.map((each, index) => {
      const look = LOOKS[index % LOOKS.length];
      return {
        name: each.name,
        type: "line",
        step: "middle",
        symbol: look.symbol,
        symbolSize: 5,
        color: look.color,
        lineStyle: { color: look.color, type: look.type, width: 2 },
        areaStyle: { color: look.color, opacity: 0.12 },
        data: each.shares.map((share, bin) => [middles[bin], 100 * share]),
      };
    });
    const lines = chart.lines.map((line, index) => ({
      xAxis: line.value,
      lineStyle: { color: "#1a1a1a", width: 2, type: line.kind === "statutory" ? "solid" : "dotted" },
      label: { ...INK, formatter: line.name, distance: [0, 4 + 16 * (index % 4)] },
    }));
    if (series.length) series[0].markLine = { symbol: "none", silent: true, data: lines };
    return {
      grid: { left: 8, right: 60, top: 40 + 16 * Math.min(chart.lines.length, 4), bottom: 36, containLabel: true },
      legend: { top: 0, left: 0, textStyle: INK },
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (value) => `${value.toFixed(1)}%` },
      xAxis: { type: "value", min: 0, max: middles.at(-1), name: chart.unit, nameLocation: "middle", nameGap: 26,
        axisLabel: INK },
      yAxis: { type: "value", axisLabel: { ...INK, formatter: "{value}%" } },
      series,
    };
  }

  function drawCharts() {
    if (typeof echarts === "undefined") return;
    const options = { waterfall, distribution };
    const drawn = [];
    for (const figure of all("figure[data-chart]")) {
      const chart = page.charts[figure.dataset.chart];
      const plot = figure.querySelector(".plot");
      if (chart.kind === "waterfall") plot.style.height = `${28 * chart.steps.length + 80}px`;
      const made = echarts.init(plot, null, { renderer: "canvas", devicePixelRatio: 2 });
      made.setOption({ animation: false, textStyle: INK, ...options[chart.kind](chart) });
      // on paper the picture follows the page by itself, and its box has no height of its own to be drawn to
      new ResizeObserver(() => matchMedia("print").matches || made.resize()).observe(plot);
      drawn.push(made);
    }
    return drawn;
  }

  // --- replay: cases move through the diagram that is shown ---

  const MOVE = 0.35; // of a short stay is shown as the way to it, so that a move without any transfer can be seen
  const LONGEST_MOVE = 240; // minutes

  class Replay {
    constructor(form, replays) {
      this.form = form;
      this.replays = replays;
      this.clock = byId("clock");
      this.play = byId("play");
      this.now = byId("now");
      this.running = false;
      this.key = null;
      this.tokens = new Map();
      this.days = new Intl.DateTimeFormat(page.lang === "zh" ? "zh-CN" : "en-GB", {
        timeZone: "UTC", year: "numeric", month: "long", day: "numeric", weekday: "short", hour: "2-digit",
        minute: "2-digit", hourCycle: "h23",
      });
      this.play.addEventListener("click", () => this.toggle());
      this.clock.addEventListener("input", () => this.layer && this.draw());
    }

    get data() {
      return this.replays[this.key];
    }

    // cases of one variant move in a diagram of that variant; the picture of both has places of both
    follow(figure) {
      this.layer?.remove();
      this.layer = null;
      this.tokens.clear();
      this.form.hidden = false;
      if (!(figure.dataset.side in this.replays)) {
        this.stop();
        return;
      }
      if (this.key !== figure.dataset.side) {
        this.key = figure.dataset.side;
        this.clock.min = String(this.data.from);
        this.clock.max = String(this.data.until);
        this.clock.value = String(this.data.from);
      }
      this.prefix = figure.dataset.prefix;
      this.places = new Map();
      this.layer = document.createElementNS(SVG, "g");
      this.layer.setAttribute("class", "tokens");
      figure.querySelector("svg > g").append(this.layer);
      this.draw();
    }

    toggle() {
      if (this.running) {
        this.stop();
        return;
      }
      if (!this.layer) show(figures.find((figure) => figure.dataset.side in this.replays));
      if (Number(this.clock.value) >= this.data.until) this.clock.value = String(this.data.from);
      this.running = true;
      this.at = Number(this.clock.value);
      this.label();
      this.last = performance.now();
      requestAnimationFrame((time) => this.frame(time));
    }

    stop() {
      this.running = false;
      this.label();
    }

    label() {
      this.play.setAttribute("aria-pressed", String(this.running));
      this.play.textContent = this.running ? this.play.dataset.pause : this.play.dataset.play;
    }

    frame(time) {
      if (!this.running) return;
      // who drags the slider meanwhile decides the time
      if (Math.abs(Number(this.clock.value) - this.at) > 2) this.at = Number(this.clock.value);
      this.at += (Math.max(0, time - this.last) / 1000) * Number(byId("speed").value);
      this.last = time;
      this.clock.value = String(Math.min(this.at, this.data.until));
      this.draw();
      if (this.at >= this.data.until) this.stop();
      else requestAnimationFrame((next) => this.frame(next));
    }

    place(index) {
      if (!this.places.has(index)) {
        const node = byId(this.prefix + this.data.states[index]);
        this.places.set(index, node ? node.getBBox() : null);
      }
      return this.places.get(index);
    }

    path(index) {
      const key = `edge ${index}`;
      if (!this.places.has(key)) this.places.set(key, byId(`${this.prefix}arrow-${index}`)?.querySelector("path") ?? null);
      return this.places.get(key);
    }

    // an arrow that leads upwards is drawn from its head to its tail
    backwards(state, edge, path, length) {
      const key = `backwards ${edge}`;
      if (!this.places.has(key)) {
        const box = this.place(state);
        const away = (point) =>
          box ? Math.hypot(point.x - box.x - box.width / 2, point.y - box.y - box.height / 2) : 0;
        this.places.set(key, away(path.getPointAtLength(0)) > away(path.getPointAtLength(length)));
      }
      return this.places.get(key);
    }

    draw() {
      const at = Number(this.clock.value);
      const crowd = new Map();
      const seen = new Set();
      const cases = new Set();
      const moment = new Date(Date.parse(this.data.start) + at * 60000);
      this.now.textContent = this.days.format(moment);
      this.clock.setAttribute("aria-valuetext", this.now.textContent);
      this.data.rows.forEach((row, number) => {
        const [who, state, entered, begun, done, left, arrived, edge] = row;
        const way = arrived - left + Math.min(LONGEST_MOVE, MOVE * Math.max(left - entered, 60));
        if (at < entered || at >= left + way) return;
        const spot = at < left ? this.standing(state, crowd) : this.moving(state, edge, (at - left) / way);
        if (at < Math.max(left, arrived)) cases.add(who);
        if (!spot) return;
        const look = at >= left ? "moves" : at < begun ? "waits" : at < done ? "works" : "lies";
        this.put(number, who, spot, look);
        seen.add(number);
      });
      for (const [number, token] of this.tokens) {
        if (!seen.has(number)) {
          token.remove();
          this.tokens.delete(number);
        }
      }
      byId("inside").textContent = String(cases.size);
    }

    // those in one place stand in rows along the lower edge of its box
    standing(state, crowd) {
      const box = this.place(state);
      if (!box) return null;
      const rank = crowd.get(state) ?? 0;
      crowd.set(state, rank + 1);
      const across = Math.max(1, Math.floor((box.width - 8) / 10));
      return { x: box.x + 8 + 10 * (rank % across), y: box.y + box.height - 2 - 10 * Math.floor(rank / across) };
    }

    moving(state, edge, share) {
      const path = edge < 0 ? null : this.path(edge);
      if (!path) return null;
      const length = path.getTotalLength();
      return path.getPointAtLength((this.backwards(state, edge, path, length) ? 1 - Math.min(1, share) : Math.min(1, share)) * length);
    }

    put(number, who, spot, look) {
      let token = this.tokens.get(number);
      if (!token) {
        token = document.createElementNS(SVG, "circle");
        token.append(document.createElementNS(SVG, "title"));
        token.firstChild.textContent = `#${who + 1}`;
        this.layer.append(token);
        this.tokens.set(number, token);
      }
      token.setAttribute("class", `token ${look}`);
      token.setAttribute("r", "5");
      token.setAttribute("cx", spot.x);
      token.setAttribute("cy", spot.y);
    }
  }

  // --- all of it ---

  const replays = page.replays ?? {};
  const replay = byId("replay") && Object.keys(replays).length ? new Replay(byId("replay"), replays) : null;
  const clearFilters = filterFindings();
  byId("view")?.addEventListener("change", (event) => {
    show(figures.find((figure) => figure.dataset.prefix === event.target.value));
  });
  byId("zoom")?.addEventListener("change", (event) => zoom(event.target.value));
  if (replay) replay.follow(shownFigure());
  const charts = drawCharts() ?? [];
  addEventListener("hashchange", () => arrive(clearFilters));
  // a second click on the same link changes no hash
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a");
    const href = link?.getAttribute("href") ?? link?.getAttribute("xlink:href");
    if (href && href === location.hash) arrive(clearFilters);
  });
  arrive(clearFilters);
  addEventListener("beforeprint", () => {
    for (const details of all("details")) details.open = true;
    for (const chart of charts) chart.resize({ width: 640 });
  });
  addEventListener("afterprint", () => {
    for (const chart of charts) chart.resize({ width: "auto" });
  });
})();
