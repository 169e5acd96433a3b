// Two soft tones when another number is called, and a word when the connection is lost; htmx keeps trying by itself.
(function () {
  "use strict";
  var board = function () { return document.getElementById("papan"); };
  var bell = board().dataset.bell;
  var sound = document.getElementById("suara");
  var lost = document.getElementById("terputus");
  var audio = window.AudioContext ? new AudioContext() : null;

  function tone(frequency, start) {
    var oscillator = audio.createOscillator();
    var volume = audio.createGain();
    oscillator.frequency.value = frequency;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.4, start + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.9);
    oscillator.connect(volume).connect(audio.destination);
    oscillator.start(start);
    oscillator.stop(start + 1);
  }

  function ring() {
    if (!audio || audio.state !== "running") return;
    tone(784, audio.currentTime);
    tone(587, audio.currentTime + 0.45);
  }

  function offer() { sound.hidden = !audio || audio.state === "running"; }

  sound.addEventListener("click", function () { audio.resume().then(function () { offer(); ring(); }); });
  if (audio) audio.addEventListener("statechange", offer);
  offer();

  document.addEventListener("htmx:afterSwap", function () {
    lost.hidden = true;
    var now = board().dataset.bell;
    if (now && now !== bell) ring();
    bell = now;
  });
  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function () { lost.hidden = false; });
  });
})();
