/* Entry script: the TencentCaptcha class, the loading of the frame script, the tickets, the callbacks. */
(function (BUILD) {
  "use strict";

  if (window.__TencentCaptchaExists__) {
    throw new Error("请勿多次引用腾讯验证码的接入js");
  }
  window.__TencentCaptchaExists__ = true;

  var SOURCES = [
    "https://turing.captcha.gtimg.com/1/",
    "https://global.turing.captcha.gtimg.com/1/",
    "https://turing.captcha.qcloud.com/"
  ];
  // errorMessage is the key in lower case. 1001 is missing: the page mints it when this very script did not come.
  var ERRORS = {
    1002: "CAPTCHA_SHOW_TIMEOUT",
    1003: "FRAMEJS_LOAD_TIMEOUT",
    1004: "FRAMEJS_LOAD_ERROR",
    1005: "FRAMEJS_RUN_ERROR",
    1006: "GET_CAPTCHA_CONFIG_REQUEST_ERROR",
    1007: "PRE_TEMPLATE_LOAD_TIMEOUT",
    1008: "IFRAME_LOAD_TIMEOUT",
    1009: "LIB_JQ_LOAD_ERROR",
    1010: "CAPTCHA_JS_LOAD_ERROR",
    1011: "CAPTCHA_JS_RUN_ERROR",
    1012: "REFRESH_ERROR",
    1013: "VERIFY_ERROR",
    1014: "RATE_LIMIT"
  };
  var ENTRY_URL = document.currentScript ? document.currentScript.src : "";

  function getScript(url, timeoutMs, done) {
    var script = document.createElement("script");
    var timer = timeoutMs ? setTimeout(function () { end("timeout"); }, timeoutMs) : 0;
    function end(outcome) {
      clearTimeout(timer);
      script.onload = script.onerror = null;
      if (outcome !== "loaded") {
        script.remove();
      }
      done(outcome);
    }
    script.onload = function () { end("loaded"); };
    script.onerror = function () { end("error"); };
    script.src = url;
    document.head.appendChild(script);
  }

  // --- the frame script: one load for the whole page; a failed one is tried again only by a later show or constructor

  var current = null;

  function loadFrame() {
    if (!current || current.state === "failed") {
      current = startLoad();
    }
    return current;
  }

  function startLoad() {
    var load = { state: "loading", code: 0, waiting: [] };
    var timeouts = 0;

    function settle(state, code) {
      load.state = state;
      load.code = code;
      load.waiting.splice(0).forEach(function (tell) { tell(); });
    }

    function giveUp() {
      if (BUILD.frameFailureAlert) {
        alert(BUILD.frameFailureAlert);
      }
      settle("failed", timeouts === BUILD.frameAttempts ? BUILD.frameTimeoutCode : BUILD.frameErrorCode);
    }

    function attempt(index) {
      if (index === BUILD.frameAttempts) {
        giveUp();
        return;
      }
      getScript(SOURCES[index] + BUILD.frameFile, BUILD.frameTimeoutMs, function (outcome) {
        if (outcome === "loaded") {
          var ran = typeof window.AqSCode === "function";
          settle(ran ? "ready" : "failed", ran ? 0 : BUILD.frameRunErrorCode);
          return;
        }
        timeouts += outcome === "timeout" ? 1 : 0;
        attempt(index + 1);
      });
    }

    attempt(0);
    return load;
  }

  // --- what the page passed in

  function fromElement(element) {
    var name = element.getAttribute("data-cbfn");
    return {
      element: element,
      appId: element.getAttribute("data-appid"),
      callback: name && function (result) { window[name](result); },
      options: { bizState: element.getAttribute("data-biz-state") }
    };
  }

  function readArguments(given) {
    var isElement = given[0] instanceof Element;
    if (isElement && given.length === 1) {
      return fromElement(given[0]);
    }
    if (BUILD.elementRequired && !isElement) {
      throw new Error(BUILD.argumentsError);
    }
    var rest = isElement ? given.slice(1) : given;
    return { element: isElement ? given[0] : null, appId: rest[0], callback: rest[1], options: rest[2] || {} };
  }

  function checked(config) {
    var plain = typeof config.appId === "string" || typeof config.appId === "number";
    if (!plain || String(config.appId) === "") {
      throw new Error(BUILD.argumentsError);
    }
    if (typeof config.callback !== "function") {
      throw new Error("Lost `callback`");
    }
    config.appId = String(config.appId);
    return config;
  }

  // --- the class

  function TencentCaptcha() {
    var self = this;
    this._config = checked(readArguments(Array.prototype.slice.call(arguments)));
    this._session = null;
    this._ticket = "";
    this._load = loadFrame();
    if (this._config.element) {
      this._config.element.addEventListener("click", function () { self.show(); });
    }
  }

  TencentCaptcha.prototype.show = function () {
    var self = this;
    if (this._session && !this._session.done) {
      return;
    }
    if (this._load.state === "failed" && this._load === this._told) {
      this._load = loadFrame();
    }
    var session = this._session = { done: false, timer: 0, engine: null };
    if (this._load.state !== "loading") {
      this._proceed(session);
      return;
    }
    if (BUILD.showTimeoutMs) {
      session.timer = setTimeout(function () { self._fail(session, 1002, ""); }, BUILD.showTimeoutMs);
    }
    this._load.waiting.push(function () { self._proceed(session); });
  };

  TencentCaptcha.prototype.destroy = function () {
    if (this._session) {
      this._session.done = true;
      clearTimeout(this._session.timer);
      if (this._session.engine) {
        this._session.engine.destroy();
      }
    }
  };

  TencentCaptcha.prototype.getTicket = function () {
    return { CaptchaAppId: this._config.appId, ticket: this._ticket };
  };

  TencentCaptcha.prototype._proceed = function (session) {
    clearTimeout(session.timer);
    if (session.done) {
      return;
    }
    if (this._load.state === "failed") {
      this._told = this._load;
      this._fail(session, this._load.code, "");
      return;
    }
    try {
      session.engine = new window.AqSCode(this._hooks(session));
    } catch (error) {
      this._fail(session, BUILD.frameRunErrorCode, "");
      return;
    }
    try {
      session.engine.create();
    } catch (error) {
      // Only reported, as in the vendor's client: no callback ever comes.
      console.warn("TCaptcha", error);
    }
  };

  TencentCaptcha.prototype._hooks = function (session) {
    var self = this;
    var config = this._config;
    return {
      appId: config.appId,
      options: config.options,
      entryUrl: ENTRY_URL,
      fail: function (code, sid) { self._fail(session, code, sid); },
      succeed: function (ticket, randstr) {
        self._ticket = ticket;
        self._deliver(session, {
          ret: 0, ticket: ticket, CaptchaAppId: config.appId, bizState: config.options.bizState, randstr: randstr
        });
      },
      close: function () { self._deliver(session, { ret: 2, ticket: "", randstr: "" }); },
      ready: function (size) {
        if (typeof config.options.ready === "function") {
          config.options.ready({ sdkView: size });
        }
      }
    };
  };

  TencentCaptcha.prototype._fail = function (session, code, sid) {
    if (!code || session.done) {
      return;
    }
    if (session.engine) {
      session.engine.destroy();
    }
    var seconds = Math.floor(new Date().getTime() / 1000);
    this._deliver(session, {
      ret: 0,
      randstr: "@" + Math.random().toString(36).substr(2),
      ticket: BUILD.prefix + "_" + code + "_" + this._config.appId + "_" + seconds + (sid ? "_" + sid : ""),
      errorCode: code,
      errorMessage: ERRORS[code].toLowerCase()
    });
  };

  TencentCaptcha.prototype._deliver = function (session, result) {
    var callback = this._config.callback;
    if (session.done) {
      return;
    }
    session.done = true;
    clearTimeout(session.timer);
    setTimeout(function () {
      // Not in the vendor's client: an observer outside the page learns of the delivery.
      window.dispatchEvent(new CustomEvent("tcaptcha:callback", { detail: Object.assign({}, result) }));
      try {
        callback(result);
      } catch (error) {
        // Swallowed, as in the vendor's client: the page never learns of it.
      }
    }, 0);
  };

  // --- 1.0: the element with the vendor's own id binds itself

  function bind() {
    var element = document.getElementById("TencentCaptcha");
    if (element && element.getAttribute("data-appid")) {
      new TencentCaptcha(element);
    }
  }

  window.TencentCaptcha = TencentCaptcha;
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", bind);
  } else {
    bind();
  }
})(__BUILD__);
