"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id), NS = "http://www.w3.org/2000/svg";
const WORDS = {
 en: {search:"Search",layers:"Layers",time:"Time",fit:"Fit",kinds:"WHAT IS SHOWN",confidence:"LEAST CONFIDENCE",period:"FIRST SEEN",path:"PATH BETWEEN TWO",pathHint:"Choose two boxes with Shift + click.",clear:"Clear",collapse:"Collapse families of dumps",legend:"LINES",other:"中文",shown:(n,m)=>`${n} of ${m} shown`,from:"from",to:"to",nopath:"No known route leads from the first to the second.",route:n=>`The most probable known route, ${n} links.`,evidence:"Evidence",groups:"links",first:"first seen",last:"last seen",probability:"probability",between:"without its strongest evidence",status:"status",alternatives:"also possible",nothing:"Choose a box or a line to see what it rests on.",undetermined:"direction not determined",by:"asserted by",taken:"retracted",links:"Linked with",pathFrom:"Path from here",pathTo:"Path to here",weight:"weight",
  kind:{platform:"platform",dump:"dump",unseized_dump:"dump, not seized",advert:"advert",seller:"seller",group:"group",buyer:"buyer",campaign:"call campaign"},
  link:{leaked_to:"leaked to",copied_to:"copied to",offered_in:"offered in",made_by:"made by",sells_in:"sells in",bought_by:"supplies",forwarded_to:"forwarded to",used_in:"calls",dialled_in:"dialled in"},
  state:{proved:"proved",probable:"probable",possible:"possible",disputed:"disputed",retracted:"retracted"},
  fact:{sha256:"SHA-256",bytes:"bytes",records:"records",numbers:"numbers called",unexplained:"unexplained numbers",adverts:"adverts",accounts:"accounts",files:"files"}},
 zh: {search:"搜索",layers:"分层",time:"时间",fit:"全图",kinds:"显示内容",confidence:"最低可信度",period:"首次出现",path:"两点之间的路径",pathHint:"按住 Shift 点选两个方框。",clear:"清除",collapse:"折叠同源数据",legend:"连线",other:"English",shown:(n,m)=>`显示 ${n} / ${m}`,from:"从",to:"到",nopath:"没有已知路径从前者通向后者。",route:n=>`最可能的已知路径，共 ${n} 段。`,evidence:"证据",groups:"连线",first:"首次出现",last:"最后出现",probability:"概率",between:"去掉最强证据后",status:"状态",alternatives:"其他解释",nothing:"点选方框或连线，查看其依据。",undetermined:"方向未定",by:"认定人",taken:"已撤回",links:"关联",pathFrom:"以此为起点",pathTo:"以此为终点",weight:"权重",
  kind:{platform:"平台",dump:"数据",unseized_dump:"未缴获的数据",advert:"广告",seller:"卖家",group:"群",buyer:"买家",campaign:"骚扰电话"},
  link:{leaked_to:"泄露至",copied_to:"复制为",offered_in:"见于广告",made_by:"发布者",sells_in:"出售于",bought_by:"供给",forwarded_to:"转发至",used_in:"拨打",dialled_in:"被拨打于"},
  state:{proved:"已证实",probable:"很可能",possible:"可能",disputed:"有争议",retracted:"已撤回"},
  fact:{sha256:"SHA-256",bytes:"字节数",records:"记录数",numbers:"拨打号码数",unexplained:"无法解释的号码数",adverts:"广告数",accounts:"账号数",files:"文件数"}}};
let lang = data.lang === "zh" ? "zh" : "en", mode = "layers", chosen = null, ends = [null, null], way = null;
const say = () => WORDS[lang];
const el = (name, attributes = {}, text) => { const e = document.createElementNS(NS, name); for (const k in attributes) e.setAttribute(k, attributes[k]); if (text !== undefined) e.textContent = text; return e; };
const html = (name, cls, text) => { const e = document.createElement(name); if (cls) e.className = cls; if (text !== undefined) e.textContent = text; return e; };
const W = 132, H = 28, COLUMN = 190;
const nodes = data.nodes.map((n, i) => ({...n, i, out: [], into: [], text: (n.label + " " + n.id + " " + n.kind).toLowerCase()}));
const links = data.links.map((l, i) => ({...l, i})).filter(l => l.status !== "retracted");
links.forEach(l => { nodes[l.source].out.push(l); nodes[l.target].into.push(l); });
const seconds = t => t ? Date.parse(t) : NaN;
nodes.forEach(n => { const known = [n.first, ...n.out.concat(n.into).map(l => l.first)].filter(Boolean).sort(); n.since = seconds(n.first || known[0]); });
const dates = nodes.map(n => n.since).filter(t => !isNaN(t));
const begin = Math.min(...dates), finish = Math.max(...dates);
const short = (t, most = 18) => { let used = 0, out = ""; for (const c of t) { used += c.codePointAt(0) > 0x2e80 ? 2 : 1; if (used > most) return out + "…"; out += c; } return out; };

function curve(a, b, bends) {
 const [x1, y1] = a, [x2, y2] = b;
 if (Math.abs(x2 - x1) < COLUMN / 2) { const s = x1 + W / 2; return `M${s} ${y1}C${s + 60} ${y1} ${s + 60} ${y2} ${s} ${y2}`; }
 const w = x2 > x1 ? 1 : -1, points = [[x1 + w * W / 2, y1], ...bends, [x2 - w * W / 2, y2]];
 return `M${points[0]}` + points.slice(1).map(([x, y], i) => { const [u, v] = points[i], bend = (x - u) / 2; return `C${u + bend} ${v} ${x - bend} ${y} ${x} ${y}`; }).join("");
}
const dashes = l => !l.determined ? "7 5" : l.status === "possible" ? "2 4" : l.status === "disputed" ? "8 3 2 3" : "none";

function draw() {
 const lines = document.createDocumentFragment(), boxes = document.createDocumentFragment();
 for (const l of links) {
  l.line = el("path", {"stroke-width": (0.8 + 1.8 * l.p).toFixed(1), "stroke-opacity": (0.28 + 0.55 * l.p).toFixed(2), "stroke-dasharray": dashes(l)});
  if (l.determined) l.line.setAttribute("marker-end", "url(#to)");
  l.wide = el("path", {class: "wide", "data-link": l.i});
  lines.append(l.line, l.wide);
 }
 for (const n of nodes) {
  const hollow = n.kind === "unseized_dump", colour = data.colours[n.kind];
  n.box = el("g", {tabindex: 0, role: "button", "data-node": n.i, class: hollow ? "hollow" : ""});
  n.box.append(el("rect", {x: -W / 2, y: -H / 2, width: W, height: H, rx: 7, fill: colour, stroke: colour}));
  n.name = el("text", {y: 4, fill: hollow ? colour : "#fff"}, short(n.label));
  n.box.append(n.name, el("title", {}, n.label));
  boxes.append(n.box);
 }
 $("lines").replaceChildren(lines); $("boxes").replaceChildren(boxes);
}
const shownAs = n => $("collapse").checked && n.family >= 0 ? nodes[n.family] : n;
function place() {
 for (const n of nodes) n.box.setAttribute("transform", `translate(${n[mode][0]} ${n[mode][1]})`);
 for (const l of links) {
  const a = shownAs(nodes[l.source]), b = shownAs(nodes[l.target]), straight = mode === "layers" && a === nodes[l.source] && b === nodes[l.target], path = a === b ? "" : curve(a[mode], b[mode], straight ? l.bends : []);
  l.line.setAttribute("d", path); l.wide.setAttribute("d", path);
 }
}
const onlyKinds = new Set(data.kinds);
function visible(n) {
 if (!onlyKinds.has(n.kind) || shownAs(n) !== n) return false;
 if (isNaN(n.since) || finish <= begin) return true;
 const at = 1000 * (n.since - begin) / (finish - begin);
 return at >= +$("from").value - 0.5 && at <= +$("until").value + 0.5;
}
function filter() {
 const least = +$("least").value / 100;
 let count = 0;
 for (const n of nodes) { n.shown = visible(n); count += n.shown; n.box.classList.toggle("gone", !n.shown); }
 for (const l of links) {
  l.shown = l.p >= least && shownAs(nodes[l.source]).shown && shownAs(nodes[l.target]).shown && shownAs(nodes[l.source]) !== shownAs(nodes[l.target]);
  l.line.classList.toggle("gone", !l.shown); l.wide.classList.toggle("gone", !l.shown);
 }
 $("count").textContent = say().shown(count, nodes.length);
 $("least-shown").textContent = `${$("least").value} %`;
 const day = v => new Date(begin + (finish - begin) * v / 1000).toISOString().slice(0, 10);
 if (dates.length) { $("from-shown").textContent = day(+$("from").value); $("until-shown").textContent = day(+$("until").value); }
 light();
}
function light() {
 const words = $("search").value.trim().toLowerCase(), near = new Set(), on = new Set();
 if (way) way.forEach(l => { on.add(l.source); on.add(l.target); });
 if (chosen && chosen.box) { near.add(chosen.i); chosen.out.concat(chosen.into).forEach(l => { near.add(l.source); near.add(l.target); }); }
 if (chosen && chosen.line) { near.add(chosen.source); near.add(chosen.target); }
 const dim = way ? on : chosen ? near : null;
 for (const n of nodes) {
  n.box.classList.toggle("hit", words !== "" && n.text.includes(words));
  n.box.classList.toggle("chosen", n === chosen || ends.includes(n));
  n.box.classList.toggle("faint", dim ? !dim.has(n.i) : words !== "" && !n.text.includes(words));
 }
 for (const l of links) {
  const mine = way ? way.includes(l) : chosen && (l === chosen || l.source === chosen.i && chosen.box || l.target === chosen.i && chosen.box);
  l.line.classList.toggle("onway", !!way && mine); l.line.classList.toggle("chosen", !way && !!mine);
  l.line.classList.toggle("faint", (way || chosen) ? !mine : false);
 }
}
function route(a, b) {
 // Most probable route: Dijkstra over -ln p, on the whole chain and not only on what is shown.
 const cost = new Map([[a.i, 0]]), by = new Map(), done = new Set();
 for (;;) {
  let here = -1, best = Infinity;
  for (const [i, c] of cost) if (!done.has(i) && c < best) { best = c; here = i; }
  if (here < 0) return null;
  if (here === b.i) break;
  done.add(here);
  const ways = nodes[here].out.map(l => [l, l.target]).concat(nodes[here].into.filter(l => !l.determined).map(l => [l, l.source]));
  for (const [l, to] of ways) { const c = best - Math.log(Math.max(l.p, 1e-9)); if (!(cost.get(to) <= c)) { cost.set(to, c); by.set(to, [l, here]); } }
 }
 const found = [];
 for (let i = b.i; i !== a.i;) { const [l, before] = by.get(i); found.unshift(l); i = before; }
 return found;
}
function showPath() {
 const [a, b] = ends;
 $("ends").replaceChildren(...[[say().from, a], [say().to, b]].map(([w, n]) => html("div", "", `${w}: ${n ? n.label : "–"}`)));
 way = a && b && a !== b ? route(a, b) : null;
 $("path-told").textContent = a && b && a !== b ? (way ? say().route(way.length) : say().nopath) : "";
 light();
}
const percent = p => p >= 0.9995 ? "> 99.9 %" : `${(100 * p).toFixed(1)} %`;
function facts(pairs) {
 const list = html("dl");
 for (const [k, v] of pairs) if (v !== "" && v !== undefined && v !== null) list.append(html("dt", "", k), html("dd", "", typeof v === "number" ? v.toLocaleString(lang === "zh" ? "zh-CN" : "en") : String(v)));
 return list;
}
function badge(kind) { const b = html("span", "kind", say().kind[kind]); b.style.backgroundColor = data.colours[kind]; return b; }
function tell() {
 const t = $("told"), w = say();
 if (!chosen) { t.replaceChildren(html("p", "none", w.nothing)); return; }
 if (chosen.box) {
  const row = html("div", "row");
  for (const [place, word] of [[0, w.pathFrom], [1, w.pathTo]]) { const b = html("button", "", word), n = chosen; b.onclick = () => { ends[place] = n; showPath(); }; row.append(b); }
  const sides = [...chosen.into.map(l => [l, nodes[l.source], "←"]), ...chosen.out.map(l => [l, nodes[l.target], "→"])].sort((a, b) => b[0].p - a[0].p);
  const list = sides.map(([l, n, arrow]) => { const b = html("button", "link"); b.append(html("b", "", `${arrow} ${n.label}`), document.createElement("br"), html("small", "", `${w.link[l.kind]} · ${percent(l.p)} · ${w.state[l.status]}`)); b.onclick = () => choose(l); return b; });
  t.replaceChildren(html("h3", "", chosen.label), badge(chosen.kind), facts([...Object.entries(chosen.facts).map(([k, v]) => [w.fact[k] ?? k, v]), [w.first, chosen.first], [w.last, chosen.last]]), row, html("h2", "", `${w.links} (${list.length})`), ...list);
  return;
 }
 const l = chosen, bar = html("div", "bar"), s = el("svg", {viewBox: "0 0 100 7", preserveAspectRatio: "none"});
 s.append(el("rect", {x: 100 * l.low, width: Math.max(0.5, 100 * (l.high - l.low)), height: 7}), el("rect", {x: Math.max(0, 100 * l.p - 1), width: 2, height: 7}));
 bar.append(s);
 const items = l.evidence.map(e => { const d = html("div", e.retracted ? "item taken" : "item"); d.append(html("b", "", e.statement || e.kind), html("small", "", `${e.kind} · ${e.reference}`), html("small", "", `${w.weight} ${e.statistic.toFixed(1)} · ${e.group}${e.by ? ` · ${w.by} ${e.by}` : ""}${e.retracted ? ` · ${w.taken}` : ""}`)); return d; });
 t.replaceChildren(html("h3", "", `${nodes[l.source].label} → ${nodes[l.target].label}`), html("p", "none", w.link[l.kind] + (l.determined ? "" : ` · ${w.undetermined}`)), bar,
  facts([[w.probability, percent(l.p)], [w.between, percent(l.low)], [w.status, w.state[l.status]], [w.first, l.first], [w.last, l.last], [w.alternatives, l.alternatives.join("; ")]]), html("h2", "", `${w.evidence} (${items.length})`), ...items);
}
function choose(thing) { chosen = thing; tell(); light(); }

let view = {x: 0, y: 0, k: 1};
const move = () => $("world").setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.k})`);
function fit() {
 const [w, h] = data.sizes[mode], box = $("stage").getBoundingClientRect();
 view.k = Math.min(1.6, 0.96 * Math.min(box.width / w, box.height / h));
 view.x = (box.width - w * view.k) / 2; view.y = (box.height - h * view.k) / 2; move();
}
function zoom(factor, x, y) { const k = Math.min(6, Math.max(0.05, view.k * factor)); view.x = x - (x - view.x) * k / view.k; view.y = y - (y - view.y) * k / view.k; view.k = k; move(); }
const picture = $("picture");
picture.addEventListener("wheel", e => { e.preventDefault(); const b = picture.getBoundingClientRect(); zoom(Math.exp(-e.deltaY / 500), e.clientX - b.left, e.clientY - b.top); }, {passive: false});
let held = null, moved = false;
picture.addEventListener("pointerdown", e => { held = [e.clientX - view.x, e.clientY - view.y]; moved = false; });
picture.addEventListener("pointermove", e => { if (!held) return; const x = e.clientX - held[0], y = e.clientY - held[1]; if (!moved && Math.hypot(x - view.x, y - view.y) < 4) return; moved = true; picture.classList.add("held"); view.x = x; view.y = y; move(); });
addEventListener("pointerup", () => { held = null; picture.classList.remove("held"); });
picture.addEventListener("click", e => {
 if (moved) return;
 const g = e.target.closest("[data-node]"), p = e.target.closest("[data-link]");
 if (g && e.shiftKey) { const n = nodes[g.dataset.node]; ends = ends[0] && !ends[1] ? [ends[0], n] : [n, null]; showPath(); return; }
 choose(g ? nodes[g.dataset.node] : p ? links.find(l => l.i === +p.dataset.link) : null);
});
picture.addEventListener("keydown", e => { const g = e.target.closest("[data-node]"); if (g && (e.key === "Enter" || e.key === " ")) { e.preventDefault(); choose(nodes[g.dataset.node]); } });
addEventListener("keydown", e => { if (e.key === "Escape") { ends = [null, null]; choose(null); showPath(); } });

function save(name, type, text) { const a = document.createElement("a"); a.href = URL.createObjectURL(new Blob([text], {type})); a.download = name; a.click(); setTimeout(() => URL.revokeObjectURL(a.href), 1000); }
$("save-svg").onclick = () => {
 const [w, h] = data.sizes[mode], copy = picture.cloneNode(true), css = "#lines path{fill:none;stroke:#7b8794}.wide,.gone{display:none}#lines .wide{display:none}text{font:11.5px sans-serif;text-anchor:middle}.hollow rect{fill:#fff}";
 copy.setAttribute("xmlns", NS); copy.setAttribute("viewBox", `0 0 ${w} ${h}`); copy.setAttribute("width", w); copy.setAttribute("height", h);
 copy.querySelector("#world").removeAttribute("transform"); copy.prepend(el("style", {}, css));
 save("chain.svg", "image/svg+xml", new XMLSerializer().serializeToString(copy));
};
$("save-csv").onclick = () => {
 const cell = t => { const s = String(t); return `"${(/^[=+\-@\t\r]/.test(s) ? "'" + s : s).replace(/"/g, '""')}"`; };
 const rows = links.filter(l => l.shown).map(l => [nodes[l.source].id, l.kind, nodes[l.target].id, l.p, l.status, l.first, l.last].map(cell).join(","));
 save("chain.csv", "text/csv", ["source,link,target,probability,status,first,last", ...rows].join("\r\n") + "\r\n");
};
function legend() {
 const rows = [["proved", "none", 2.6], ["probable", "none", 1.6], ["possible", "2 4", 1.6], ["disputed", "8 3 2 3", 1.6], [null, "7 5", 1.6]];
 $("legend").replaceChildren(...rows.map(([state, dash, thick]) => { const li = html("li"), s = el("svg", {viewBox: "0 0 34 8"}); s.append(el("line", {x1: 0, x2: 34, y1: 4, y2: 4, stroke: "currentColor", "stroke-width": thick, "stroke-dasharray": dash})); li.append(s, html("span", "", state ? say().state[state] : say().undetermined)); return li; }));
}
function kinds() {
 const count = k => nodes.filter(n => n.kind === k).length;
 $("kinds").replaceChildren(...data.kinds.filter(count).map(k => {
  const row = html("label", "check"), box = html("input"), colour = html("i");
  box.type = "checkbox"; box.checked = onlyKinds.has(k); colour.style.backgroundColor = k === "unseized_dump" ? "transparent" : data.colours[k]; if (k === "unseized_dump") colour.style.border = `1.5px dashed ${data.colours[k]}`;
  box.onchange = () => { box.checked ? onlyKinds.add(k) : onlyKinds.delete(k); filter(); };
  row.append(box, colour, html("span", "", say().kind[k]), html("em", "", count(k))); return row; }));
}
function speak() {
 document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
 $("title").textContent = data.title || (lang === "zh" ? "转卖链" : "Resale chain");
 document.querySelectorAll("[data-say]").forEach(e => { e.textContent = say()[e.dataset.say]; });
 $("search").placeholder = say().search; $("language").textContent = say().other;
 kinds(); legend(); filter(); tell(); showPath();
}
$("language").onclick = () => { lang = lang === "en" ? "zh" : "en"; speak(); };
for (const [id, name] of [["by-layers", "layers"], ["by-time", "time"]]) $(id).onclick = () => { mode = name; $("by-layers").setAttribute("aria-pressed", name === "layers"); $("by-time").setAttribute("aria-pressed", name === "time"); place(); fit(); };
$("fit").onclick = fit; $("search").oninput = light; $("clear-path").onclick = () => { ends = [null, null]; showPath(); };
$("search").onkeydown = e => { if (e.key === "Enter") { const n = nodes.find(n => n.shown && n.text.includes(e.target.value.trim().toLowerCase())); if (n) choose(n); } };
for (const id of ["least", "from", "until"]) $(id).oninput = filter;
$("collapse").onchange = () => { place(); filter(); };
if (!dates.length || finish <= begin) $("times").classList.add("gone");
draw(); place(); speak(); fit();
addEventListener("resize", fit);
requestAnimationFrame(() => requestAnimationFrame(() => { document.documentElement.dataset.painted = String(Math.round(performance.now())); }));
})();
