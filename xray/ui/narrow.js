// On a narrow page the sidebar lies over the page and holds the ways to the others.
// Streamlit leaves it open when one is taken: the page that was asked for stays hidden.
(() => {
  if (window.xrayClosesSidebar) return;
  window.xrayClosesSidebar = true;
  document.addEventListener("click", (event) => {
    const link = event.target.closest('[data-testid="stSidebarNavLink"]');
    if (!link || window.innerWidth > 768) return;
    const close = '[data-testid="stSidebarCollapseButton"] button';
    setTimeout(() => document.querySelector(close)?.click());
  });
})();
