/* Entry script that shows nobody a challenge: it calls back with what it is told to, when it is told to. */
(function () {
  "use strict";

  var next = { throws: false, calls: [] };
  var number = 0;

  // Not in the vendor's client: an observer outside the page says what comes next, and learns of each call.
  window.addEventListener("tcaptcha:next", function (event) {
    next = event.detail;
    number += 1;
  });

  function tell(detail) {
    window.dispatchEvent(new CustomEvent("tcaptcha:callback", { detail: detail }));
  }

  function fromElement(element) {
    var name = element.getAttribute("data-cbfn");
    return {
      element: element,
      appId: element.getAttribute("data-appid"),
      callback: name && function (result) { return window[name](result); },
      options: {}
    };
  }

  function readArguments(given) {
    var isElement = given[0] instanceof Element;
    if (isElement && given.length === 1) {
      return fromElement(given[0]);
    }
    var rest = isElement ? given.slice(1) : given;
    return { element: isElement ? given[0] : null, appId: rest[0], callback: rest[1], options: rest[2] || {} };
  }

  function TencentCaptcha() {
    var self = this;
    var config = this._config = readArguments(Array.prototype.slice.call(arguments));
    if (!config.appId || typeof config.callback !== "function") {
      throw new Error("Lost `callback`");
    }
    this._ticket = "";
    if (config.element && config.options.type !== "embed") {
      config.element.addEventListener("click", function () { self.show(); });
    }
  }

  TencentCaptcha.prototype.show = function () {
    var callback = this._config.callback;
    var mine = number;
    tell({ number: mine, call: 0, thrown: "" });
    if (next.throws) {
      throw new TypeError("Cannot read properties of undefined (reading 'show')");
    }
    next.calls.forEach(function (call, place) {
      var deliver = function () {
        var thrown = "";
        try {
          callback(call.value);
        } catch (error) {
          // Swallowed, as in the vendor's client: the page never learns of it.
          thrown = String(error);
        }
        tell({ number: mine, call: place + 1, thrown: thrown });
      };
      if (call.afterMs < 0) {
        deliver();
      } else {
        setTimeout(deliver, call.afterMs);
      }
    });
  };

  TencentCaptcha.prototype.destroy = function () {};
  TencentCaptcha.prototype.refresh = function () {};
  TencentCaptcha.prototype.reload = function () {};
  TencentCaptcha.prototype.getTicket = function () {
    return { CaptchaAppId: this._config.appId, ticket: this._ticket };
  };

  function bind() {
    var element = document.getElementById("TencentCaptcha");
    if (element && element.getAttribute("data-appid")) {
      new TencentCaptcha(element);
    }
    tell({ number: 0, call: 0, thrown: "" });
  }

  window.TencentCaptcha = TencentCaptcha;
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", bind);
  } else {
    bind();
  }
})();
