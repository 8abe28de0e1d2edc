/** The look of the other pages (src/web/styles/base.css) in the little that a page without scripts needs. */
export const MAILBOX_STYLE = `:root { color-scheme: light dark; --bg: #fbf6f1; --card: #fffdfb; --ink: #2a2230; --soft: #6f6373; --line: #eadfd8;
--field: #fff; --coral: #d9573a; --on-coral: #fff; --teal: #1f7f78; --tint: #fbe3da;
--serif: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", P052, Georgia, serif; }
@media (prefers-color-scheme: dark) { :root { --bg: #17121a; --card: #211a25; --ink: #f4ecee; --soft: #b3a5b4; --line: #382d3d;
--field: #2a222f; --coral: #f58a6c; --on-coral: #2a0f07; --teal: #5fc4ba; --tint: #4a2822; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
header, main { max-width: 1080px; margin: 0 auto; padding: 14px 24px; }
header, nav, form, .links { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; }
header { justify-content: space-between; gap: 6px 24px; }
a { color: inherit; } a:focus-visible, button:focus-visible, input:focus-visible { outline: 3px solid var(--teal); outline-offset: 2px; }
.brand { display: inline-flex; align-items: center; gap: 10px; font: 600 1.15rem/1 var(--serif); text-decoration: none; }
nav a { border-radius: 999px; padding: 6px 12px; color: var(--soft); text-decoration: none; }
nav a:hover { background: var(--line); color: var(--ink); } nav a[aria-current] { background: var(--ink); color: var(--bg); }
h1, h2 { margin: 0 0 12px; font-family: var(--serif); line-height: 1.2; overflow-wrap: anywhere; } h1 { font-size: 2rem; } h2 { margin-top: 28px; font-size: 1.2rem; }
p { margin: 0 0 16px; } .soft { color: var(--soft); }
form { gap: 8px 10px; margin: 0 0 18px; } label { color: var(--soft); }
input { flex: 1 1 14rem; min-width: 0; max-width: 26rem; border: 1px solid var(--line); border-radius: 10px; padding: 8px 10px; background: var(--field); color: var(--ink); font: inherit; }
button, .button { border: 0; border-radius: 999px; padding: 8px 18px; background: var(--coral); color: var(--on-coral); font: 600 15px/1.4 system-ui, sans-serif; text-decoration: none; cursor: pointer; }
.card { border: 1px solid var(--line); border-radius: 18px; background: var(--card); overflow: hidden; }
ol { margin: 0; padding: 0; list-style: none; }
li + li { border-top: 1px solid var(--line); }
.mail { display: grid; grid-template-columns: 1fr auto; gap: 2px 16px; padding: 12px 18px; }
.mail > * { min-width: 0; overflow-wrap: anywhere; } .mail :nth-child(even) { color: var(--soft); text-align: right; }
.subject { font-weight: 600; }
.kind { border-radius: 999px; padding: 1px 9px; background: var(--tint); color: var(--ink); font-size: .8125rem; white-space: nowrap; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 18px; margin: 0; padding: 16px 18px; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.links { gap: 10px; } .links .soft { flex-basis: 100%; overflow-wrap: anywhere; font-size: .875rem; }
pre { margin: 0; padding: 16px 18px; font: .875rem/1.6 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
iframe { display: block; width: 100%; height: 30rem; border: 0; background: #fff; }
@media (max-width: 520px) { header, main { padding-inline: 14px; } .mail { grid-template-columns: 1fr; } .mail :nth-child(even) { text-align: left; } }`;
