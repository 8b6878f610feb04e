// Reading rooms are dark, so the page is dark at the first visit even where the
// system asks for light; from then on the choice in the menu counts. Streamlit has
// no setting for a first theme that people may change: this writes the preference
// where its menu keeps it, before anything was chosen, once.
(() => {
  const choice = `stActiveTheme-${window.location.pathname}-v2`;
  const mark = `xray-dark-first-${window.location.pathname}`;
  if (localStorage.getItem(mark)) return;
  localStorage.setItem(mark, "done");
  const light = window.matchMedia("(prefers-color-scheme: light)").matches;
  const stored = localStorage.getItem(choice);
  if (light && (stored === null || stored === '"System"')) {
    localStorage.setItem(choice, '"Dark"');
    window.location.reload();
  }
})();
