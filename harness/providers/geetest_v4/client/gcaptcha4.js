// The captcha itself: a piece to drag into a gap.
(function () {
  "use strict";
__FILE__("box.js")
  function Slide(config, answer, tools) {
    var self = this, lot = answer.lot_number, gapAt = answer.gap, asking = false, fetching = false, wanted = false;
    Box.call(self, config, tools);
    function fetchAgain() {
      fetching = true;
      tools.jsonp(config, "/load", {}, function (told) {
        fetching = false;
        if (told.status === "error") return self.failed(told);
        lot = told.data.lot_number;
        gapAt = told.data.gap;
        if (wanted) self.showBox();
        wanted = false;
      }, function () {
        fetching = false;
        self.failed({ code: "60100", msg: "/load", desc: {} });
      });
    }
    function verify(left, redraw) {
      asking = true;
      tools.jsonp(config, "/verify", { lot_number: lot, w: String(left) }, function (told) {
        asking = false;
        if (told.status === "error") return self.failed(told);
        if (told.data.result === "success") return self.passed(told.data.seccode);
        gapAt = told.data.gap;
        redraw();
        self.refused();
      }, function () {
        asking = false;
        self.failed({ code: "60101", msg: "/verify", desc: {} });
      });
    }
    self.draw = function (box) {
      box.innerHTML =
        '<div style="position:relative;height:60px;background:#cde"><i class="geetest_gap" style="position:absolute;top:10px;width:40px;' +
        'height:40px;background:#567"></i><i class="geetest_slice" style="position:absolute;top:10px;left:0;width:40px;height:40px;' +
        'background:#fa0"></i></div><div style="position:relative;height:40px"><div class="geetest_btn" role="slider" aria-label="Slide" ' +
        'tabindex="0" style="position:absolute;left:0;width:40px;height:40px;background:#39f;touch-action:none"></div></div>';
      var gap = box.querySelector(".geetest_gap"), piece = box.querySelector(".geetest_slice"), handle = box.querySelector(".geetest_btn");
      var from = null, left = 0;
      function place() {
        piece.style.left = handle.style.left = left + "px";
        gap.style.left = gapAt + "px";
      }
      handle.onpointerdown = function (event) {
        if (asking) return;
        from = event.clientX;
        handle.setPointerCapture(event.pointerId);
      };
      handle.onpointermove = function (event) {
        if (from === null) return;
        left = Math.max(0, Math.min(250, Math.round(event.clientX - from)));
        place();
      };
      handle.onpointerup = function () {
        if (from === null) return;
        from = null;
        verify(left, function () { left = 0; place(); });
      };
      place();
    };
    var forget = self.reset, show = self.showBox;
    // A spent lot cannot be solved: the box waits for the next one.
    self.showBox = self.showCaptcha = function () {
      if (fetching) wanted = true;
      else show();
      return self;
    };
    self.reset = function () {
      var spent = Boolean(self.getValidate());
      forget();
      if (spent) fetchAgain();
      return self;
    };
  }
  window.Geetest4 = Slide;
})();
