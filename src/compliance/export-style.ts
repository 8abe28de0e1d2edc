/** The page's own style: nothing is loaded from anywhere, so that the file reads the same in ten years. */
export const EXPORT_STYLE = `:root { color-scheme: light dark; --bg: #fbf6f1; --card: #fffdfb; --ink: #2a2230; --soft: #655a6a;
  --line: #eadfd8; --coral: #c4452a; --teal: #1f7f78; --gold: #a06a05; --none: #efe5de;
  --l0: #cfc3c9; --l1: #f3c9b8; --l2: #eaa48b; --l3: #d97c5f; --l4: #bf5439; --l5: #94301b; }
@media (prefers-color-scheme: dark) { :root { --bg: #17121a; --card: #211a25; --ink: #f4ecee; --soft: #b9acba;
  --line: #382d3d; --coral: #f58a6c; --teal: #5fc4ba; --gold: #f0bd5a; --none: #2c2432;
  --l0: #574a5c; --l1: #4d2b25; --l2: #7c4031; --l3: #b05b43; --l4: #e07d5f; --l5: #ffb39b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: break-word; -webkit-text-size-adjust: 100%; }
header, main { max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 2.5rem; }
h1, h2, h3 { font-family: "Iowan Old Style", Palatino, Georgia, serif; line-height: 1.2; text-wrap: balance; }
h1 { font-size: 2.1rem; margin: 0 0 .3rem; } h2 { font-size: 1.45rem; margin: 2.8rem 0 .8rem; } h3 { font-size: 1.05rem; margin: 0; }
p { margin: 0 0 .8rem; } .soft, figcaption, dt, .who { color: var(--soft); }
a { color: var(--teal); } a:focus-visible, summary:focus-visible { outline: 3px solid var(--teal); outline-offset: 2px; }
nav ul, .facts, .bars, .plain { list-style: none; margin: 0; padding: 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1rem; } nav a { display: inline-block; padding: .35rem 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .7rem; margin: 1.4rem 0; }
.facts li, article, table, .plain li { background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
.facts li { padding: .8rem 1rem; } .facts b { display: block; font-size: 1.5rem; line-height: 1.2; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .85rem; color: var(--soft); }
.legend span { display: inline-flex; align-items: center; gap: .4rem; }
i.day { width: 12px; height: 12px; border-radius: 3px; } .none { fill: var(--none); background: var(--none); }
.l0 { fill: var(--l0); background: var(--l0); } .l1 { fill: var(--l1); background: var(--l1); }
.l2 { fill: var(--l2); background: var(--l2); } .l3 { fill: var(--l3); background: var(--l3); }
.l4 { fill: var(--l4); background: var(--l4); } .l5 { fill: var(--l5); background: var(--l5); }
.year { margin: 0 0 1.2rem; } .year div { display: flex; flex-wrap: wrap; gap: .6rem 1rem; }
.year svg { flex: 1 1 18rem; min-width: 0; max-width: 24rem; } svg { display: block; } svg text { fill: var(--soft); font-size: 11px; }
.scores { width: 100%; max-width: 34rem; } .scores text { font-size: 14px; } .key { width: 28px; height: 8px; }
.grid { stroke: var(--line); } .line { fill: none; stroke-width: 2.4; stroke-linejoin: round; }
.dot { fill: none; stroke-width: 7; stroke-linecap: round; }
.connection { stroke: var(--teal); } .mood { stroke: var(--coral); } .satisfaction { stroke: var(--gold); }
.line.mood { stroke-dasharray: 7 4; } .line.satisfaction { stroke-dasharray: 2 4; }
details { margin-top: .6rem; } summary { cursor: pointer; padding: .3rem 0; color: var(--teal); }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; text-align: right; } th:first-child { text-align: left; } thead th { color: var(--soft); font-weight: 500; }
tbody tr > * { border-top: 1px solid var(--line); font-weight: 400; }
.bars li { display: grid; grid-template-columns: 8rem 1fr 3rem; gap: .7rem; align-items: center; padding: .2rem 0; }
.bars svg { width: 100%; height: 14px; } .bar { fill: var(--teal); } .bars b { font-variant-numeric: tabular-nums; }
article { padding: .9rem 1.1rem; margin: 0 0 .7rem; content-visibility: auto; contain-intrinsic-size: auto 8rem; }
.head { display: flex; flex-wrap: wrap; gap: .1rem .8rem; align-items: baseline; justify-content: space-between; }
.who { font-size: .85rem; } .private { border: 1px solid var(--line); border-radius: 99px; padding: 0 .6em; margin-left: .4em; }
dl { display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: .15rem 1rem; margin: .5rem 0 0; }
dt { font-size: .9rem; } dd { margin: 0; white-space: pre-wrap; min-width: 0; }
.plain li { padding: .6rem 1rem; margin-bottom: .5rem; } footer { max-width: 46rem; margin: 3rem auto; padding: 0 1rem; font-size: .9rem; }
@media (max-width: 30rem) { dl { grid-template-columns: minmax(6rem, 36%) 1fr; }
  .bars li { grid-template-columns: 6.5rem 1fr 2.2rem; } th, td { padding: .35rem .4rem; } }
@media print { body { background: #fff; color: #000; } article { break-inside: avoid; content-visibility: visible; } nav { display: none; } }`;
