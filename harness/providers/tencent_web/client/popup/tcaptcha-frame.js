/* Frame script: configuration (JSONP), template check, iframe, popup. */
(function (BUILD) {
  "use strict";

  var API = "https://turing.captcha.qcloud.com";
  var CONFIG_ATTEMPTS = 3;
  var CONFIG_TIMEOUT_MS = 20000;
  var TEMPLATE_TIMEOUT_MS = 10000;
  var IFRAME_TIMEOUT_MS = 20000;
  var STATE_OK = 1;
  var STATE_RATE_LIMITED = 217;
  var WIDTH = 360;
  var HEIGHT = 330;

  function AqSCode(hooks) {
    var self = this;
    this.hooks = hooks;
    this.ended = false;
    this.sid = "";
    this.iframeTimer = 0;
    this.listen = function (event) { self.heard(event); };
  }

  AqSCode.prototype.create = function () {
    this.requestConfig(1);
  };

  AqSCode.prototype.destroy = function () {
    this.ended = true;
    clearTimeout(this.iframeTimer);
    window.removeEventListener("message", this.listen);
    [this.mask, this.box].forEach(function (element) {
      if (element) {
        element.remove();
      }
    });
  };

  AqSCode.prototype.fail = function (code) {
    if (!this.ended) {
      this.hooks.fail(code, this.sid);
    }
  };

  // --- configuration

  AqSCode.prototype.requestConfig = function (attempt) {
    var self = this;
    var name = "_aq_" + Math.floor(Math.random() * 1000000);
    var script = document.createElement("script");
    script.src = API + "/cap_union_prehandle?" + this.query(name);
    // The timer of an earlier attempt is left running, as in the vendor's client: it fires although a retry succeeded.
    var timer = setTimeout(function () { self.fail(1006); }, CONFIG_TIMEOUT_MS);
    window[name] = function (answer) { self.configured(answer, timer); };
    script.onerror = function () {
      script.remove();
      if (self.ended) {
        return;
      }
      if (attempt === CONFIG_ATTEMPTS) {
        self.fail(1006);
      } else {
        self.requestConfig(attempt + 1);
      }
    };
    document.head.appendChild(script);
  };

  AqSCode.prototype.query = function (callback) {
    var options = this.hooks.options;
    var fields = {
      aid: this.hooks.appId, protocol: "https", accver: 1, showtype: "popup", ua: btoa(navigator.userAgent), noheader: 1,
      fb: 1, aged: 0, enableAged: 0, enableDarkMode: 0, grayscale: 1, clientype: 2, cap_cd: "", uid: "", lang: this.language(),
      entry_url: this.hooks.entryUrl, elder_captcha: 0, js: "/tcaptcha-frame.js", login_appid: "", wb: 1, version: "1.1.0",
      subsid: 1, callback: callback, sess: ""
    };
    if (options.aidEncrypted) {
      fields.aidEncrypted = options.aidEncrypted;
    }
    return new URLSearchParams(fields).toString();
  };

  AqSCode.prototype.language = function () {
    return this.hooks.options.userLanguage || navigator.language || "zh-cn";
  };

  AqSCode.prototype.configured = function (answer, timer) {
    if (this.ended || !answer) {
      return;
    }
    if (BUILD.rateLimitCode && answer.state === STATE_RATE_LIMITED) {
      clearTimeout(timer);
      this.fail(BUILD.rateLimitCode);
      return;
    }
    if (answer.state !== STATE_OK || !answer.data || !answer.data.templates) {
      return;
    }
    clearTimeout(timer);
    this.sid = answer.sid;
    this.sess = answer.sess;
    this.data = answer.data;
    this.checkTemplate(0);
  };

  // --- template and iframe

  AqSCode.prototype.checkTemplate = function (index) {
    var self = this;
    var url = this.data.templates[index];
    if (this.ended) {
      return;
    }
    if (!url) {
      this.fail(1007);
      return;
    }
    var abort = new AbortController();
    var timer = setTimeout(function () { abort.abort(); }, TEMPLATE_TIMEOUT_MS);
    fetch(url + "?check=1", { cache: "no-store", credentials: "include", signal: abort.signal }).then(function (answer) {
      if (!answer.ok) {
        throw new Error("status " + answer.status);
      }
      return answer.text();
    }).then(function () {
      clearTimeout(timer);
      self.openIframe(url);
    }, function () {
      clearTimeout(timer);
      self.checkTemplate(index + 1);
    });
  };

  AqSCode.prototype.openIframe = function (url) {
    var self = this;
    if (this.ended) {
      return;
    }
    this.mask = element("div", "tcaptcha_mask_dy", "position:fixed;inset:0;background:rgba(0,0,0,.45);z-index:2000000000");
    this.box = element("div", "tcaptcha_transform_dy",
      "position:fixed;left:50%;top:50%;transform:translate(-50%,-50%);width:" + WIDTH + "px;height:" + HEIGHT +
      "px;background:#fff;border-radius:6px;overflow:hidden;box-shadow:0 4px 24px rgba(0,0,0,.3);z-index:2000000001");
    this.box.className = "tcaptcha-transform";
    this.mask.style.visibility = this.box.style.visibility = "hidden";
    this.iframe = element("iframe", "tcaptcha_iframe_dy", "width:100%;height:100%;border:0;display:block");
    this.iframe.title = "Captcha";
    window.addEventListener("message", this.listen);
    this.iframeTimer = setTimeout(function () { self.fail(1008); }, IFRAME_TIMEOUT_MS);
    this.iframe.src = url;
    this.box.appendChild(this.iframe);
    document.body.appendChild(this.mask);
    document.body.appendChild(this.box);
  };

  function element(tag, id, css) {
    var made = document.createElement(tag);
    made.id = id;
    made.style.cssText = css;
    return made;
  }

  AqSCode.prototype.heard = function (event) {
    if (this.ended || event.source !== this.iframe.contentWindow || !event.data) {
      return;
    }
    var said = event.data;
    if (said.tcaptcha === "template-ready") {
      clearTimeout(this.iframeTimer);
      this.tellIframe();
    } else if (said.tcaptcha === "challenge-ready") {
      this.mask.style.visibility = this.box.style.visibility = "visible";
      this.hooks.ready({ width: WIDTH, height: HEIGHT });
    } else if (said.tcaptcha === "failed") {
      this.fail(said.code);
    } else if (said.tcaptcha === "closed") {
      this.destroy();
      this.hooks.close();
    } else if (said.tcaptcha === "verified") {
      this.destroy();
      this.hooks.succeed(said.ticket, said.randstr);
    }
  };

  AqSCode.prototype.tellIframe = function () {
    this.iframe.contentWindow.postMessage({
      tcaptcha: "config",
      config: {
        aid: this.hooks.appId, sess: this.sess, sid: this.sid, api: API, library: this.data.library, slider: this.data.slider,
        challenge: this.data.challenge, scriptTimeoutMs: BUILD.scriptTimeoutMs, lang: this.language()
      }
    }, new URL(this.iframe.src).origin);
  };

  window.AqSCode = AqSCode;
})(__BUILD__);
