/* Frame script: configuration (JSONP), template check, iframe, popup. */
(function (BUILD) {
  "use strict";

  var API = "https://" + BUILD.api;
  var CONFIG_ATTEMPTS = 3;
  var CONFIG_TIMEOUT_MS = 20000;
  var IFRAME_TIMEOUT_MS = 20000;
  var STATE_OK = 1;
  var STATE_RATE_LIMITED = 217;
  var WIDTH = 360;
  var HEIGHT = 330;
  var MASK = "position:fixed;inset:0;background:rgba(0,0,0,.45);z-index:2000000000";
  var SIZE = "width:" + WIDTH + "px;height:" + HEIGHT + "px;border-radius:6px;overflow:hidden;";
  // Centred without a transform: that property is the page's, which may scale the element by its class.
  var FLOATING = SIZE + "position:fixed;inset:0;margin:auto;box-shadow:0 4px 24px rgba(0,0,0,.3);z-index:2000000001";
  var EMBEDDED = SIZE + "position:relative;border:1px solid #cfd6e4";

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
      aid: this.hooks.appId, protocol: "https", accver: 1, showtype: this.hooks.embedIn ? "embed" : "popup",
      ua: btoa(navigator.userAgent), noheader: 1, fb: options.needFeedBack === false ? 0 : 1, aged: 0, enableAged: 0,
      enableDarkMode: options.enableDarkMode === "force" ? "force" : options.enableDarkMode ? 1 : 0, grayscale: 1, clientype: 2,
      cap_cd: "", uid: "", lang: this.hooks.language, entry_url: this.hooks.entryUrl, elder_captcha: 0,
      js: "/" + BUILD.frameName + ".js", login_appid: "", wb: 1, version: "1.1.0", subsid: 1, callback: callback, sess: ""
    };
    ["aidEncrypted", "aidEncryptedType", "aidEncryptedAad"].forEach(function (name) {
      if (options[name]) {
        fields[name] = options[name];
      }
    });
    if (options.enableAutoCheck === true) {
      fields.enableAutoCheck = 1;
    }
    return new URLSearchParams(fields).toString();
  };

  AqSCode.prototype.helpUrl = function () {
    var wish = this.hooks.options.needFeedBack;
    if (wish === false) {
      return "";
    }
    // An address of any other kind, javascript: above all, is not followed.
    return typeof wish === "string" && /^https?:\/\//i.test(wish) ? wish : API + "/feedback";
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
    if (answer.state !== STATE_OK || !(answer.ticket || answer.data && answer.data.templates)) {
      return;
    }
    clearTimeout(timer);
    if (answer.ticket) {
      this.destroy();
      this.hooks.succeed(answer.ticket, answer.randstr, { verifyDuration: 0, actionDuration: 0, sid: answer.sid });
      return;
    }
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
    var timer = setTimeout(function () { abort.abort(); }, BUILD.templateTimeoutMs);
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
    this.box = element("div", "tcaptcha_transform_dy", this.hooks.embedIn ? EMBEDDED : FLOATING);
    this.box.className = "tcaptcha-transform";
    this.box.style.background = this.hooks.dark ? "#20242c" : "#fff";
    if (!this.hooks.embedIn) {
      this.mask = element("div", "tcaptcha_mask_dy", MASK);
      document.body.appendChild(this.mask);
    }
    this.uncover("hidden");
    this.iframe = element("iframe", "tcaptcha_iframe_dy", "width:100%;height:100%;border:0;display:block");
    this.iframe.title = "Captcha";
    window.addEventListener("message", this.listen);
    this.iframeTimer = setTimeout(function () { self.fail(1008); }, IFRAME_TIMEOUT_MS);
    this.iframe.src = url;
    this.box.appendChild(this.iframe);
    (this.hooks.embedIn || document.body).appendChild(this.box);
  };

  AqSCode.prototype.uncover = function (visibility) {
    [this.mask, this.box].forEach(function (each) {
      if (each) {
        each.style.visibility = visibility;
      }
    });
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
      this.uncover("visible");
      this.hooks.ready({ width: WIDTH, height: HEIGHT }, this.sid);
    } else if (said.tcaptcha === "failed") {
      this.fail(said.code);
    } else if (said.tcaptcha === "closed") {
      this.destroy();
      this.hooks.close();
    } else if (said.tcaptcha === "verified") {
      this.destroy();
      this.hooks.succeed(said.ticket, said.randstr, {
        verifyDuration: said.verifyMs, actionDuration: said.actionMs, sid: this.sid
      });
    }
  };

  AqSCode.prototype.tellIframe = function () {
    this.iframe.contentWindow.postMessage({
      tcaptcha: "config",
      config: {
        aid: this.hooks.appId, sess: this.sess, sid: this.sid, api: API, library: this.data.library, slider: this.data.slider,
        challenge: this.data.challenge, scriptTimeoutMs: BUILD.scriptTimeoutMs, lang: this.hooks.language, dark: this.hooks.dark,
        help: this.helpUrl()
      }
    }, new URL(this.iframe.src).origin);
  };

  window.AqSCode = AqSCode;
})(__BUILD__);
