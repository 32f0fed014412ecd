// What is loaded when no API server answered: one click passes.
(function () {
  "use strict";
__FILE__("box.js")
  window.Geetest4 = function (config, _answer, tools) {
    var self = this;
    Box.call(self, config, tools);
    self.draw = function (box) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "geetest_one_click";
      button.textContent = "Click to pass";
      button.onclick = function () {
        var bytes = crypto.getRandomValues(new Uint8Array(16));
        var lot = Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
        var seconds = String(Math.floor(Date.now() / 1000));
        self.passed({ captcha_id: config.captchaId, lot_number: lot, pass_token: "bypass", gen_time: seconds, captcha_output: "bypass" });
      };
      box.appendChild(button);
    };
  };
})();
