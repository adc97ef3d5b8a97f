// Small comforts; every page works without them.

// A page that the browser kept in memory may show what this log-in may no longer see.
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

const box = document.getElementById('q');
if (box) {
  if (!box.value) box.focus();
  document.addEventListener('keydown', (event) => {
    const links = [...document.querySelectorAll('.rows .pt')];
    const at = links.indexOf(document.activeElement);
    if (at < 0 && document.activeElement !== box) return;
    if (event.key === 'Escape') { box.focus(); box.select(); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !links.length) return;
    event.preventDefault();
    (links[at + step] ?? (at + step < 0 ? box : links.at(-1))).focus();
  });
}
