// "/" goes to the box of all parts, as where people search with the keyboard.
(() => {
  if (window.xrayFindsParts) return;
  window.xrayFindsParts = true;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, textarea")) return;
    const box = document.querySelector(".st-key-mark-other input");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.click();
  });
})();
