// Looks again every half minute while the page is on the screen.
(function () {
  "use strict";
  setInterval(function () { if (!document.hidden) location.reload(); }, 30000);
})();
