/** The look of the console page. */
export const CONSOLE_STYLE = `
:root { color-scheme: light dark; --ink: #1b2530; --soft: #5b6875; --line: #d9e0e6; --card: #fff; --page: #f3f6f8; --accent: #0b6bcb;
  --good: #1a7f4b; --bad: #b42318; --busy: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ecf1; --soft: #9aa8b5; --line: #2e3944; --card: #1a222a; --page: #11171c;
  --accent: #6cb4ff; --good: #57c98b; --bad: #ff8a7a; --busy: #e8b04a; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); }
header, main, footer, form { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; align-items: baseline; gap: 1rem; padding-top: 1.25rem; flex-wrap: wrap; }
h1 { font-size: 1.35rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1rem; margin: 1.75rem 0 .6rem; }
#state { margin: 0; color: var(--soft); }
#state.bad { color: var(--bad); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 0; }
dl div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; font-weight: 600; }
dd.bad { color: var(--bad); }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .55rem .9rem; vertical-align: top; }
th { color: var(--soft); font-weight: 500; font-size: .85rem; white-space: nowrap; }
tbody tr { border-top: 1px solid var(--line); }
td small { display: block; color: var(--soft); font-family: ui-monospace, monospace; font-size: .75rem; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.completed, .yes { color: var(--good); } .failed, .timeout, .no { color: var(--bad); } .running, .queued { color: var(--busy); }
progress { width: 7rem; accent-color: var(--accent); vertical-align: middle; }
form { display: flex; gap: .6rem; align-items: center; padding-top: 1rem; flex-wrap: wrap; }
form[hidden] { display: none; }
form p { margin: 0; color: var(--soft); font-size: .85rem; }
input, button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .35rem .7rem; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
footer { display: flex; gap: 1.25rem; flex-wrap: wrap; padding-top: 2rem; padding-bottom: 2rem; color: var(--soft); }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .3rem .6rem; }
`
