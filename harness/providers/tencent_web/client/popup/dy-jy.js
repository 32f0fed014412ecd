/* Library: the few helpers that the slider needs; it loads the slider script. */
(function () {
  "use strict";

  var SCRIPT_TRIES = 3;
  var POST_TRIES = 3;
  var POST_TIMEOUT_MS = 15000;

  function tryScript(url, timeoutMs, loaded, failed) {
    var script = document.createElement("script");
    var timer = timeoutMs ? setTimeout(function () { end(failed); }, timeoutMs) : 0;
    function end(next) {
      clearTimeout(timer);
      script.onload = script.onerror = null;
      if (next === failed) {
        script.remove();
      }
      next();
    }
    script.onload = function () { end(loaded); };
    script.onerror = function () { end(failed); };
    script.src = url;
    document.head.appendChild(script);
  }

  function getScript(url, timeoutMs, loaded, failed) {
    var left = SCRIPT_TRIES;
    (function attempt() {
      tryScript(url, timeoutMs, loaded, function () {
        left -= 1;
        if (left) {
          attempt();
        } else {
          failed();
        }
      });
    })();
  }

  function tryPost(url, fields) {
    var abort = new AbortController();
    var timer = setTimeout(function () { abort.abort(); }, POST_TIMEOUT_MS);
    return fetch(url, {
      method: "POST", body: new URLSearchParams(fields), cache: "no-store", credentials: "include", signal: abort.signal
    }).then(function (answer) {
      if (!answer.ok) {
        throw new Error("status " + answer.status);
      }
      return answer.json();
    }).finally(function () { clearTimeout(timer); });
  }

  function post(url, fields, answered, failed) {
    var failures = 0;
    (function attempt() {
      tryPost(url, fields).then(answered, function () {
        failures += 1;
        if (failures < POST_TRIES) {
          attempt();
        } else {
          failed();
        }
      });
    })();
  }

  window.dyJy = { getScript: getScript, post: post };
})();
