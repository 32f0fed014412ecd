/* Entry script: the TencentCaptcha class, the loading of the frame script, the tickets, the callbacks. */
(function (BUILD) {
  "use strict";

  if (window.__TencentCaptchaExists__) {
    throw new Error("请勿多次引用腾讯验证码的接入js");
  }
  window.__TencentCaptchaExists__ = true;

  var loadFrame = __FILE__("frame-load.js")(BUILD);
  var languageOf = __FILE__("languages.js");
  var textsOf = __FILE__("texts.js");
  var RobotCheckbox = __FILE__("robot-checkbox.js");
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

  // --- how it looks

  function isDark(wish) {
    return wish === "force" || (wish === true && matchMedia("(prefers-color-scheme: dark)").matches);
  }

  function loadingBox(texts) {
    var box = document.createElement("div");
    box.id = "tcaptcha_loading_dy";
    box.lang = texts.lang;
    box.dir = texts.dir;
    box.setAttribute("role", "status");
    box.style.cssText = "position:fixed;inset:0;margin:auto;width:max-content;height:max-content;padding:14px 20px;border-radius:6px;" +
      "background:rgba(0,0,0,.7);color:#fff;font:14px system-ui,sans-serif;pointer-events:none;z-index:2000000002";
    box.textContent = texts.loading;
    return (document.body || document.documentElement).appendChild(box);
  }

  // --- the class

  function TencentCaptcha() {
    var self = this;
    var config = this._config = checked(readArguments(Array.prototype.slice.call(arguments)));
    this._embedIn = config.options.type === "embed" ? config.element : null;
    this._language = languageOf(config.options.userLanguage);
    this._dark = isDark(config.options.enableDarkMode);
    this._session = null;
    this._robot = null;
    this._ticket = "";
    this._load = loadFrame();
    if (config.element && !this._embedIn && !BUILD.robotCheckbox) {
      config.element.addEventListener("click", function () { self.show(); });
    }
  }

  TencentCaptcha.prototype.show = function () {
    var self = this;
    if (this._robot || (this._session && !this._session.done)) {
      return;
    }
    if (this._load.state === "failed" && this._load === this._told) {
      this._load = loadFrame();
    }
    var session = this._begin();
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
    this._end(this._session);
    if (this._robot) {
      this._robot.remove();
      this._robot = null;
    }
  };

  TencentCaptcha.prototype.getTicket = function () {
    return { CaptchaAppId: this._config.appId, ticket: this._ticket };
  };

  if (BUILD.elementRequired) {
    window.TCaptchaGlobal = true;
    TencentCaptcha.prototype.reload = function () {
      this._end(this._session);
      this._ticket = "";
      if (this._robot) {
        this._robot.say(false, false);
      }
    };
  }

  // --- one showing, from show() (or a tick of the checkbox) to its one callback

  TencentCaptcha.prototype._begin = function () {
    var wish = this._config.options.loading;
    var loading = wish === undefined ? BUILD.loadingByDefault : wish;
    return this._session = {
      done: false, timer: 0, engine: null, began: performance.now(), box: loading ? loadingBox(textsOf(this._language)) : null
    };
  };

  TencentCaptcha.prototype._end = function (session) {
    if (!session) {
      return;
    }
    session.done = true;
    clearTimeout(session.timer);
    if (session.box) {
      session.box.remove();
    }
    if (session.engine) {
      session.engine.destroy();
    }
  };

  TencentCaptcha.prototype._proceed = function (session) {
    clearTimeout(session.timer);
    if (session.done) {
      return;
    }
    if (this._load.state === "failed") {
      this._told = this._load;
      this._fail(session, this._load.code, "");
    } else if (BUILD.robotCheckbox) {
      this._offer(session);
    } else {
      this._start(session);
    }
  };

  TencentCaptcha.prototype._offer = function (session) {
    var self = this;
    this._end(session);
    this._robot = new RobotCheckbox(this._config.element, textsOf(this._language), this._dark, function () {
      self._start(self._begin());
    });
  };

  TencentCaptcha.prototype._start = function (session) {
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
      language: this._language,
      dark: this._dark,
      embedIn: this._embedIn,
      entryUrl: ENTRY_URL,
      fail: function (code, sid) { self._fail(session, code, sid); },
      succeed: function (ticket, randstr, durations) {
        self._ticket = ticket;
        self._deliver(session, Object.assign({
          ret: 0, ticket: ticket, CaptchaAppId: config.appId, bizState: config.options.bizState, randstr: randstr
        }, BUILD.durations ? durations : {}));
      },
      close: function () { self._deliver(session, { ret: 2, ticket: "", randstr: "" }); },
      ready: function (size, sid) {
        if (session.box) {
          session.box.remove();
        }
        if (typeof config.options.ready === "function") {
          config.options.ready({ sdkView: size });
        }
        if (typeof config.options.showFn === "function") {
          config.options.showFn({ duration: Math.round(performance.now() - session.began), sid: sid });
        }
      }
    };
  };

  TencentCaptcha.prototype._fail = function (session, code, sid) {
    if (!code || session.done) {
      return;
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
    this._end(session);
    if (this._robot) {
      this._robot.say(result.ret === 0 && !result.errorCode, false);
    }
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
