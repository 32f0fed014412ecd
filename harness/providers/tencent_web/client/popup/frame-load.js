/* The frame script: one load for the whole page; a failed one is tried again only by a later show or constructor. */
(function (BUILD) {
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
      getScript("https://" + BUILD.frameSources[index] + "/" + BUILD.frameFile, BUILD.frameTimeoutMs, function (outcome) {
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

  return loadFrame;
})
