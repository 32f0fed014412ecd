/* What userLanguage accepts, in any case, and the browser's own where nothing is said: in, a page's wish; out, a listed name. */
(function () {
  var LISTED = [
    "zh-cn", "zh-hk", "zh-tw", "en", "ar", "my", "fr", "de", "he", "hi", "id", "it", "ja", "ko", "lo", "ms", "pl", "pt", "ru",
    "es", "th", "tr", "vi"
  ];

  function listed(wish) {
    var name = String(wish || "").toLowerCase();
    var family = name.split("-")[0];
    if (LISTED.indexOf(name) >= 0) {
      return name;
    }
    if (family === "zh") {
      return "zh-cn";
    }
    return LISTED.indexOf(family) >= 0 ? family : "";
  }

  return function (wish) { return listed(wish) || listed(navigator.language) || "en"; };
})()
