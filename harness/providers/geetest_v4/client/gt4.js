// The loader: asks three API servers for a configuration, then the static servers for what it names, 10 s each.
(function () {
  "use strict";
  var API_SERVERS = ["gcaptcha4.geetest.com", "gcaptcha4.geevisit.com", "gcaptcha4.gsensebot.com"];
  var STATIC_SERVERS = ["static.geetest.com", "static.geevisit.com", "dn-staticdown.qbox.me"];
  var BYPASS = { type: "bypass", bypass: "/v4/bypass.js" };
  var SCRIPT_MS = 10000;
  var NETWORK_ERROR = "\u7f51\u7edc\u9519\u8bef";
  var serial = 0;

  function loadScript(url, timeout, done) {
    var script = document.createElement("script"), over = false;
    function finish(failed) {
      if (over) return;
      over = true;
      clearTimeout(timer);
      done(failed);
    }
    var timer = setTimeout(function () { finish(true); }, timeout);
    script.async = true;
    script.onload = function () { finish(false); };
    script.onerror = function () { finish(true); };
    script.src = url;
    document.head.appendChild(script);
  }

  function tryAll(config, servers, makePath, done) {
    function tryAt(index) {
      loadScript(config.protocol + servers[index] + makePath(), config.timeout || SCRIPT_MS, function (failed) {
        if (failed && index + 1 < servers.length) tryAt(index + 1);
        else done(failed);
      });
    }
    tryAt(0);
  }

  // A script that comes and calls nothing back is no failure to the vendor's loader: it then waits for ever.
  function jsonp(config, path, parameters, answered, failed) {
    tryAll(config, config.apiServers || API_SERVERS, function () {
      var name = "geetest_" + Date.now() + "_" + (serial += 1);
      window[name] = function (told) {
        delete window[name];
        answered(told);
      };
      var query = Object.assign({ callback: name, captcha_id: config.captchaId, client_type: "web" }, parameters);
      return path + "?" + new URLSearchParams(query).toString();
    }, function (lost) { if (lost) failed(); });
  }

  function tell(detail) {
    window.dispatchEvent(new CustomEvent("geetest:callback", { detail: detail }));
  }

  function fail(config, error) {
    tell({ errorCode: error.code, errorMessage: (error.desc && error.desc.detail) || error.msg });
    if (typeof config.onError !== "function") throw new Error(NETWORK_ERROR);
    config.onError({ code: error.code, msg: error.msg, desc: error.desc });
  }

  function lost(code, detail) {
    return { code: code, msg: "Network failure", desc: { detail: detail } };
  }

  function fetchParts(config, answer, handler) {
    var servers = config.staticServers || answer.static_servers || STATIC_SERVERS;
    if (answer.gct_path) {
      tryAll(config, servers, function () { return answer.gct_path; }, function (failed) {
        if (failed) fail(config, lost("60205", "gct resource load timeout"));
      });
    }
    tryAll(config, servers, function () { return answer.bypass || answer.static_path + answer.js; }, function (failed) {
      if (failed) return fail(config, lost("60204", "js resource load timeout"));
      handler(new window.Geetest4(config, answer, { jsonp: jsonp, fail: fail, tell: tell }));
    });
  }

  window.initGeetest4 = function (userConfig, handler) {
    var config = Object.assign({}, userConfig);
    config.protocol = config.protocol || window.location.protocol + "//";
    jsonp(config, "/load", { lang: config.language || "zho" }, function (told) {
      if (told.status === "error") return fail(config, told);
      fetchParts(config, told.data, handler);
    }, function () {
      if (typeof config.offlineCb === "function") return config.offlineCb();
      fetchParts(config, BYPASS, handler);
    });
  };
})();
