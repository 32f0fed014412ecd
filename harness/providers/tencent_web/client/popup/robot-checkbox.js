/* The robot checkbox in the page's own container. `ticked` is called with each tick; the owner says what came of it. */
(function () {
  var CLASS = "tcaptcha-robot";
  var CSS = "display:inline-flex;align-items:center;gap:10px;min-width:240px;padding:12px 14px;font:14px system-ui,sans-serif;" +
    "border:1px solid #cfd6e4;border-radius:4px;cursor:pointer;";

  function RobotCheckbox(container, texts, dark, ticked) {
    var self = this;
    var before = container.querySelector("." + CLASS);
    if (before) {
      before.remove();
    }
    this.box = document.createElement("button");
    this.box.type = "button";
    this.box.className = CLASS;
    this.box.lang = texts.lang;
    this.box.dir = texts.dir;
    this.box.style.cssText = CSS + (dark ? "background:#20242c;color:#e6e9ef" : "background:#fff;color:#222");
    this.box.setAttribute("role", "checkbox");
    this.mark = this.box.appendChild(document.createElement("span"));
    this.mark.setAttribute("aria-hidden", "true");
    this.box.appendChild(document.createElement("span")).textContent = texts.robot;
    this.box.addEventListener("click", function (event) {
      event.stopPropagation();
      if (self.box.getAttribute("aria-checked") === "false" && !self.box.hasAttribute("aria-busy")) {
        self.say(false, true);
        ticked();
      }
    });
    this.say(false, false);
    container.appendChild(this.box);
  }

  RobotCheckbox.prototype.say = function (checked, busy) {
    this.box.setAttribute("aria-checked", String(checked));
    this.box.toggleAttribute("aria-busy", busy);
    this.mark.textContent = busy ? "…" : checked ? "☑" : "☐";
  };

  RobotCheckbox.prototype.remove = function () { this.box.remove(); };

  return RobotCheckbox;
})()
