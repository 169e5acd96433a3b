// One key presses the button that carries it in data-key. Without this the same letters work as access keys.
(function () {
  "use strict";
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest("input, select, textarea")) return;
    var key = event.key.toLowerCase();
    var button = /^[a-z0-9]$/.test(key) && document.querySelector('[data-key="' + key + '"]');
    if (!button) return;
    event.preventDefault();
    button.click();
  });
})();
