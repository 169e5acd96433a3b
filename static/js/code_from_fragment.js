// The QR on the slip holds the code behind a "#", which no browser sends. Put it into the form and clear the address.
(function () {
  "use strict";
  var code = decodeURIComponent(location.hash.slice(1));
  var field = document.getElementById("id_code");
  if (!field || field.value || !/^[0-9A-Za-z -]{11,14}$/.test(code)) return;
  field.value = code.replace(/[ -]/g, "").toUpperCase().replace(/^(.{4})(.{4})(.{3})$/, "$1-$2-$3");
  history.replaceState(null, "", location.pathname);
  var nik = document.getElementById("id_nik");
  if (nik) nik.focus();
})();
