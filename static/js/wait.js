// Looks again every two seconds: something is being done that ends soon.
(function () {
  "use strict";
  setInterval(function () { if (!document.hidden) location.reload(); }, 2000);
})();
