// The page's style sheet. Light and dark follow the reader's system; colours of groups are hues with fixed lightness in each mode.

import { groupColours } from './svg.js'

const hues = [212, 28, 145, 325, 262, 182, 55, 100]

const groupRules = Array.from({ length: groupColours }, (_, i) => `.g${i}{--h:${hues[i % hues.length]}}`).join('')

export const style = `
:root{color-scheme:light dark;
--bg:#f6f7f9;--panel:#fff;--ink:#1b2027;--soft:#5d6775;--line:#dde1e7;--edge:#9aa4b1;--node:#fff;--node-line:#b9c1cc;--leaf:#eef1f5;
--accent:#1f6feb;--gs:62%;--gl:91%;--gb:46%;--gr:96%;--shadow:0 1px 2px #0000000f,0 2px 8px #0000000a}
@media (prefers-color-scheme:dark){:root{
--bg:#101317;--panel:#181c22;--ink:#e4e8ee;--soft:#97a2b1;--line:#2b323c;--edge:#65707f;--node:#20262e;--node-line:#48525f;--leaf:#262d36;
--accent:#5aa2ff;--gs:38%;--gl:25%;--gb:60%;--gr:15%;--shadow:none}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
main{max-width:1680px;margin:0 auto;padding:24px 28px 64px}
h1{font-size:22px;line-height:1.25;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:16px;margin:32px 0 10px}
p.notes{margin:2px 0;color:var(--soft);max-width:90ch;white-space:pre-line}
code,pre,.mono,svg text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.tiles{display:flex;flex-wrap:wrap;gap:12px;margin:18px 0}
.tile{background:var(--panel);border:1px solid var(--line);border-radius:12px;padding:12px 16px;min-width:190px;box-shadow:var(--shadow)}
.tile .label{color:var(--soft);font-size:12px}
.tile .value{font-size:19px;font-weight:600;font-variant-numeric:tabular-nums}
.tile .value small{font-weight:400;color:var(--soft);font-size:14px}
.tile .bar{height:4px;border-radius:2px;background:var(--line);margin-top:7px;overflow:hidden}
.tile .bar i{display:block;height:100%;background:var(--accent);border-radius:2px}
.tools{display:flex;flex-wrap:wrap;gap:10px 14px;align-items:center;margin:14px 0 10px;position:sticky;top:0;z-index:2;background:var(--bg);padding:8px 0}
.switch{display:inline-flex;background:var(--leaf);border:1px solid var(--line);border-radius:9px;padding:2px;flex-wrap:wrap}
button{font:inherit;color:inherit;background:none;border:0;border-radius:7px;padding:4px 11px;cursor:pointer}
button:hover{background:var(--line)}
button[aria-pressed=true],button[aria-selected=true]{background:var(--panel);box-shadow:0 1px 2px #0003;font-weight:600}
button small{color:var(--soft);font-weight:400;margin-left:4px}
input[type=search]{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:9px;padding:6px 11px;width:230px}
:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
#found{color:var(--soft);min-width:5em;font-size:13px}
.work{display:grid;grid-template-columns:minmax(0,1fr) 340px;gap:14px;align-items:start}
.canvas{background:var(--panel);border:1px solid var(--line);border-radius:12px;overflow:auto;max-height:78vh;min-height:220px;box-shadow:var(--shadow);cursor:grab}
.canvas.drag{cursor:grabbing;user-select:none}
.canvas svg{display:block;margin:0 auto}
.text{background:var(--panel);border:1px solid var(--line);border-radius:12px;overflow:auto;max-height:78vh;margin:0;padding:14px 18px;font-size:12.5px;line-height:1.55}
[hidden]{display:none!important}
aside{background:var(--panel);border:1px solid var(--line);border-radius:12px;padding:14px 16px;max-height:78vh;overflow:auto;box-shadow:var(--shadow);position:sticky;top:58px}
aside h3{margin:0 0 8px;font-size:15px;overflow-wrap:anywhere}
aside h3 .chip{margin-right:7px}
aside dl{margin:0;display:grid;grid-template-columns:auto minmax(0,1fr);gap:3px 12px;font-size:13px}
aside dt{color:var(--soft)}aside dd{margin:0;overflow-wrap:anywhere}
aside .hint{color:var(--soft);font-size:13px}
aside hr{border:0;border-top:1px solid var(--line);margin:12px 0}
.legend{display:flex;flex-wrap:wrap;gap:6px 14px;color:var(--soft);font-size:12.5px;margin:8px 2px 0}
.legend i{display:inline-block;width:14px;height:11px;border-radius:3px;border:1.5px solid var(--node-line);background:var(--node);margin-right:5px;vertical-align:-1px}
.legend i.leaf{border-radius:6px;background:var(--leaf)}
.legend i.grouped{background:hsl(212 var(--gs) var(--gl));border-color:hsl(212 55% var(--gb))}
.legend i.region{background:hsl(212 var(--gs) var(--gr));border-color:hsl(212 55% var(--gb));border-style:dashed}
${groupRules}
.chip{display:inline-block;min-width:2.3em;text-align:center;padding:0 6px;border-radius:6px;font-size:12px;font-weight:600;border:1px solid var(--node-line)}
.chip.g{background:hsl(var(--h) var(--gs) var(--gl));border-color:hsl(var(--h) 55% var(--gb))}
.tablewrap{overflow-x:auto;border:1px solid var(--line);border-radius:12px;background:var(--panel);box-shadow:var(--shadow)}
table{border-collapse:collapse;width:100%;font-size:13px}
th{position:sticky;top:0;text-align:left;font-weight:600;color:var(--soft);font-size:12px;background:var(--panel)}
th,td{padding:7px 12px;border-bottom:1px solid var(--line);vertical-align:top}
tbody tr:last-child td{border-bottom:0}
tbody tr{cursor:pointer}
tbody tr:hover,tbody tr.on{background:var(--leaf)}
td.num,th.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.ops{min-width:180px;max-width:360px}td.types{max-width:300px;min-width:160px;color:var(--soft);font-size:12px}
td.reason{min-width:200px;max-width:420px}
td .bar{display:block;height:3px;border-radius:2px;background:var(--edge);margin:3px 0 0 auto}
td .bar.g{background:hsl(var(--h) 45% var(--gb))}
.dim{color:var(--soft)}
svg text{fill:var(--ink);font-size:12px}
svg .title{font-weight:600}
svg .type{fill:var(--soft);font-size:10.3px;font-weight:400}
svg text.far{fill:var(--soft);font-size:9.5px;cursor:pointer;paint-order:stroke;stroke:var(--panel);stroke-width:4px;stroke-linejoin:round}
svg text.far:hover{fill:var(--accent)}
.node{cursor:pointer}
.node rect{fill:var(--node);stroke:var(--node-line);stroke-width:1.2}
.node.input rect,.node.constant rect,.node.output rect{fill:var(--leaf)}
.node.output rect{stroke:var(--ink);stroke-opacity:.45}
.node.g rect{fill:hsl(var(--h) var(--gs) var(--gl));stroke:hsl(var(--h) 55% var(--gb))}
.node.region.g>rect{fill:hsl(var(--h) var(--gs) var(--gr));stroke:hsl(var(--h) 55% var(--gb));stroke-dasharray:5 3}
.node.in circle,.node.out circle{fill:var(--panel);stroke:hsl(var(--h,212) 55% var(--gb));stroke-width:1.5}
svg text.region{pointer-events:none;fill:hsl(var(--h,212) 60% var(--gb));paint-order:stroke;stroke:hsl(var(--h,212) var(--gs) var(--gr));stroke-width:5px;stroke-linejoin:round}
.edge{fill:none;stroke:var(--edge);stroke-width:1.25;stroke-linecap:round;pointer-events:none}
.node:hover rect{stroke-width:2.2}
.node.on>rect,.node.on>circle{stroke:var(--accent)!important;stroke-width:2.6;stroke-dasharray:none!important}
.edge.on{stroke:var(--accent);stroke-width:2.2}
.searching .node:not(.hit):not(.region){opacity:.28}
.node.hit>rect{stroke:var(--accent);stroke-width:2.4}
footer{margin-top:28px;color:var(--soft);font-size:12.5px}
@media (max-width:980px){.work{grid-template-columns:minmax(0,1fr)}aside{position:static;max-height:none}main{padding:16px}.tools{position:static}}
@media print{.tools,aside{display:none}.canvas,.text{max-height:none;overflow:visible}}
`
