/* Slider: draws the puzzle, follows the pointer, asks for another picture, verifies. */
(function () {
  "use strict";

  var SVG = "http://www.w3.org/2000/svg";
  var AFTER_FAILURE_MS = 500;
  var textsOf = __FILE__("texts.js");
  var HOLE = "m0 8h12a8 8 0 1 1 16 0h12v12a8 8 0 1 1 0 16v12h-40z";

  function DyEle(root, config, tell) {
    this.root = root;
    this.config = config;
    this.tell = tell;
    this.texts = textsOf(config.lang);
    this.busy = false;
    this.round = 0;
  }

  DyEle.prototype.show = function () {
    var self = this;
    this.root.lang = this.texts.lang;
    this.root.dir = this.texts.dir;
    document.documentElement.classList.toggle("dark", this.config.dark);
    this.title = add(this.root, "div", { id: "e_title" }, this.texts.title);
    this.picture = add(this.root, "div", { id: "e_picture" });
    this.track = add(this.root, "div", { id: "e_track" });
    this.handle = add(this.track, "button", { id: "e_handle", type: "button", "aria-label": this.texts.title }, "→");
    this.bar = add(this.root, "div", { id: "e_bar" });
    this.close = add(this.bar, "button", { id: "e_close", type: "button", "aria-label": this.texts.close }, "×");
    this.reload = add(this.bar, "button", { id: "e_reload", type: "button", "aria-label": this.texts.reload }, "↻");
    if (this.config.help) {
      this.help = add(this.bar, "a", {
        id: "e_help", href: this.config.help, target: "_blank", rel: "noopener", "aria-label": this.texts.help
      }, "?");
    }
    this.hint = add(this.bar, "div", { id: "e_hint", role: "status" });
    this.success = add(this.root, "div", { id: "e_success", hidden: "" }, "✓");
    this.close.addEventListener("click", function () { self.tell({ tcaptcha: "closed" }); });
    this.reload.addEventListener("click", function () { self.refresh(); });
    this.followPointer();
    this.draw(this.config.challenge);
    this.shownAt = performance.now();
    this.tell({ tcaptcha: "challenge-ready" });
  };

  // --- the picture

  function add(parent, tag, attributes, text) {
    var made = document.createElement(tag);
    Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    made.textContent = text || "";
    parent.appendChild(made);
    return made;
  }

  function drawn(parent, tag, attributes) {
    var made = document.createElementNS(SVG, tag);
    Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    parent.appendChild(made);
    return made;
  }

  function landscape(defs, hue) {
    var scene = drawn(defs, "g", { id: "scene" });
    drawn(scene, "rect", { width: 340, height: 190, fill: "hsl(" + hue + " 60% 78%)" });
    drawn(scene, "circle", { cx: 70 + hue % 200, cy: 40, r: 18, fill: "#fff3b0" });
    drawn(scene, "path", { d: "M0 130 70 60 130 120 200 50 270 115 340 70V190H0z", fill: "hsl(" + hue + " 30% 48%)" });
    drawn(scene, "path", { d: "M0 160Q85 110 170 150T340 140V190H0z", fill: "hsl(" + (hue + 90) + " 38% 42%)" });
  }

  DyEle.prototype.draw = function (challenge) {
    this.challenge = challenge;
    this.round += 1;
    this.root.setAttribute("data-round", this.round);
    this.picture.textContent = "";
    var svg = drawn(this.picture, "svg", { width: 340, height: 190, viewBox: "0 0 340 190" });
    var defs = drawn(svg, "defs", {});
    var at = "translate(" + challenge.gap_x + " " + challenge.gap_y + ")";
    landscape(defs, challenge.hue);
    drawn(drawn(defs, "clipPath", { id: "hole" }), "path", { d: HOLE, transform: at });
    drawn(svg, "use", { href: "#scene" });
    drawn(svg, "path", { id: "e_gap", d: HOLE, transform: at, fill: "rgba(0,0,0,.55)", stroke: "#fff", "stroke-width": 1 });
    this.piece = drawn(svg, "g", {});
    drawn(this.piece, "use", { href: "#scene", "clip-path": "url(#hole)" });
    drawn(this.piece, "path", { id: "e_piece", d: HOLE, transform: at, fill: "none", stroke: "#fff", "stroke-width": 2 });
    this.moveTo(0);
  };

  DyEle.prototype.moveTo = function (distance) {
    var challenge = this.challenge;
    this.distance = Math.max(0, Math.min(280, distance));
    this.handle.style.left = this.distance + "px";
    this.piece.setAttribute("transform", "translate(" + (challenge.piece_x + this.distance - challenge.gap_x) + " 0)");
  };

  // --- the pointer

  DyEle.prototype.followPointer = function () {
    var self = this;
    var from = null;
    this.handle.addEventListener("pointerdown", function (event) {
      if (!self.busy) {
        from = event.clientX;
        self.handle.setPointerCapture(event.pointerId);
      }
    });
    this.handle.addEventListener("pointermove", function (event) {
      if (from !== null) {
        self.moveTo(event.clientX - from);
      }
    });
    this.handle.addEventListener("pointerup", function () {
      if (from !== null) {
        from = null;
        self.verify();
      }
    });
  };

  // --- asking the vendor

  DyEle.prototype.ask = function (path, more, answered, failed) {
    var config = this.config;
    var fields = Object.assign({ aid: config.aid, sess: config.sess, sid: config.sid }, more);
    this.busy = true;
    window.dyJy.post(config.api + path, fields, answered, failed);
  };

  DyEle.prototype.renew = function (answer, hint) {
    this.config.sess = answer.sess;
    this.hint.textContent = hint;
    this.draw(answer.challenge);
    this.busy = false;
  };

  DyEle.prototype.refresh = function () {
    var self = this;
    if (this.busy) {
      return;
    }
    this.ask("/cap_union_new_getsig", {}, function (answer) { self.renew(answer, ""); }, function () { self.failLater(1012); });
  };

  DyEle.prototype.verify = function () {
    var self = this;
    var asked = performance.now();
    var position = Math.round(this.challenge.piece_x + this.distance);
    this.ask("/cap_union_new_verify", { ans: position + "," + this.challenge.gap_y }, function (answer) {
      if (answer.errorCode === "0") {
        self.success.hidden = false;
        self.tell({
          tcaptcha: "verified", ticket: answer.ticket, randstr: answer.randstr,
          actionMs: Math.round(asked - self.shownAt), verifyMs: Math.round(performance.now() - asked)
        });
      } else {
        self.renew(answer, self.texts.again);
      }
    }, function () {
      // As in the vendor's client: the user sees a tick, the page gets a fallback ticket.
      self.success.hidden = false;
      self.failLater(1013);
    });
  };

  DyEle.prototype.failLater = function (code) {
    var self = this;
    setTimeout(function () { self.tell({ tcaptcha: "failed", code: code }); }, AFTER_FAILURE_MS);
  };

  window.DyEle = DyEle;
})();
