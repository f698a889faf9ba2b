/** Light and dark, wide and narrow, on screen and on paper. Nothing is fetched. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --bg: light-dark(#f6f7f9, #12151b);
  --surface: light-dark(#fff, #1a1e26);
  --ink: light-dark(#1a2130, #e8ebf1);
  --ink-2: light-dark(#4b5566, #aab3c2);
  --line: light-dark(#dde1e8, #2d343f);
  --link: light-dark(#1f4fbf, #8fb4ff);
  --ok: light-dark(#0b6b3a, #6fdca0);
  --ok-soft: light-dark(#e3f5ea, #14301f);
  --bad: light-dark(#a3201b, #ff9d94);
  --bad-soft: light-dark(#fdeae8, #3a1917);
  --mute-soft: light-dark(#eceff3, #262c36);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 1rem/1.55 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; display: grid; gap: 2rem; grid-template-columns: minmax(0, 1fr); }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -0.02em; margin: 0.25rem 0 1rem; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.3; letter-spacing: -0.01em; margin: 0 0 0.75rem; }
p { margin: 0 0 0.75rem; max-width: 72ch; }
ul { margin: 0; padding-left: 1.25rem; max-width: 76ch; }
li { margin: 0.25rem 0; }
a { color: var(--link); text-underline-offset: 0.15em; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
code { font: 0.9em ui-monospace, "SF Mono", Menlo, monospace; }
.product { color: var(--ink-2); font-weight: 600; margin: 0; }
.verdict { display: inline-flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: baseline; padding: 0.75rem 1rem; border-radius: 0.75rem; max-width: none; }
.verdict strong { font-size: 1.25rem; }
.verdict.passed { background: var(--ok-soft); color: var(--ok); }
.verdict.failed, .alarm { background: var(--bad-soft); color: var(--bad); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 0.1rem 2rem; margin: 1rem 0 0; }
.facts div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); border-top: 1px solid var(--line); padding: 0.35rem 0; }
.facts dt { color: var(--ink-2); } .facts dd { margin: 0; overflow-wrap: anywhere; }
main > section { background: var(--surface); border: 1px solid var(--line); border-radius: 1rem; padding: 1.5rem; }
main > section.alarm { background: var(--bad-soft); border-color: var(--bad); }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
th, td { text-align: left; vertical-align: top; padding: 0.55rem 0.75rem 0.55rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--ink-2); font-size: 0.875rem; font-weight: 600; padding-top: 0; }
td:last-child, th:last-child { padding-right: 0; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.checks th[scope] { font-weight: 600; width: 6rem; }
.checks td:nth-child(2) { width: 34%; } .checks td:last-child { width: 5rem; }
.observed { color: var(--ink-2); overflow-wrap: anywhere; }
.pill { display: inline-block; padding: 0.05rem 0.6rem; border-radius: 1rem; font-size: 0.8125rem; font-weight: 600; letter-spacing: 0; white-space: nowrap; background: var(--mute-soft); color: var(--ink-2); }
.pill.passed { background: var(--ok-soft); color: var(--ok); }
.pill.failed { background: var(--bad-soft); color: var(--bad); }
.step h2 { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 0.6rem; }
.step h2 .count { color: var(--ink-2); font-variant-numeric: tabular-nums; }
.rule { font-size: 1.0625rem; }
.note { color: var(--ink-2); font-size: 0.9375rem; }
.wide { overflow-x: auto; }
.wide:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
.matrix { font-size: 0.8125rem; } .matrix th, .matrix td { padding: 0.4rem 0.5rem 0.4rem 0; } .matrix thead th { font-size: 0.8125rem; min-width: 4.5rem; vertical-align: bottom; }
.matrix th[scope=row] { min-width: 11rem; font-weight: 600; } .matrix .pill { font-size: 0.75rem; padding: 0 0.4rem; }
.absent, .absences { color: var(--ink-2); } .absences { list-style: none; padding: 0; margin-top: 1rem; font-size: 0.875rem; max-width: none; }
.reason { color: var(--bad); font-weight: 560; overflow-wrap: anywhere; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; margin: 1.25rem 0; }
figure { margin: 0; max-width: 34rem; } img { display: block; width: 100%; border: 1px solid var(--line); border-radius: 0.5rem; }
figcaption { font-size: 0.875rem; padding-top: 0.35rem; }
details { margin-top: 1rem; } summary { cursor: pointer; font-weight: 600; padding: 0.25rem 0; }
.files { font-size: 0.9375rem; overflow-wrap: anywhere; } details .files { columns: 22rem; max-width: none; padding-top: 0.35rem; }
@media (max-width: 44rem) {
  main { padding-top: 1.5rem; } main > section { padding: 1rem; }
  .checks thead { display: none; }
  .checks tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; border-top: 1px solid var(--line); padding: 0.6rem 0; }
  .checks th, .checks td, .checks td:nth-child(2), .checks td:last-child { border: 0; padding: 0; width: auto; }
  .checks td:nth-child(2), .checks td:nth-child(3) { grid-column: 1 / -1; }
  .checks td:last-child { grid-area: 1 / 2; }
}
@media print {
  :root { color-scheme: light; } body { background: #fff; font-size: 10pt; }
  main { padding: 0; gap: 1rem; max-width: none; } main > section { padding: 0.75rem 0; border: 0; border-top: 1px solid var(--line); border-radius: 0; }
  .step { break-before: page; } tr, figure { break-inside: avoid; } .pictures { grid-template-columns: 1fr 1fr; }
  .pill, .verdict { print-color-adjust: exact; }
}
`;
