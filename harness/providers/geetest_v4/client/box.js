  function Box(config, tools) {
    var self = this, handlers = {}, validate = false, box = null, holder = null, gone = false;
    function emit(name, value) {
      if (!gone && handlers[name]) handlers[name](value);
    }
    ["onReady", "onSuccess", "onFail", "onError", "onClose"].forEach(function (name) {
      self[name] = function (callback) { handlers[name] = callback; return self; };
    });
    self.failed = function (error) {
      self.hide();
      if (!handlers.onError) return tools.fail(config, error);
      tools.tell({ errorCode: error.code, errorMessage: error.msg });
      emit("onError", error);
    };
    self.refused = function () { emit("onFail", { captcha_id: config.captchaId }); };
    self.passed = function (seccode) {
      validate = seccode;
      self.hide();
      tools.tell({ pass: seccode, randstr: seccode.lot_number });
      emit("onSuccess");
    };
    self.hide = function () {
      if (box) box.remove();
      box = null;
    };
    self.getValidate = function () { return validate; };
    self.showBox = self.showCaptcha = function () {
      if (gone || box) return self;
      box = document.createElement("div");
      box.className = "geetest_box";
      box.setAttribute("role", "dialog");
      box.setAttribute("aria-label", "Verification");
      box.style.cssText = "position:fixed;z-index:9999;left:20px;top:60px;width:300px;padding:10px;background:#fff;border:1px solid #888";
      if (holder && config.product === "float") box.style.position = "absolute";
      (holder && config.product === "float" ? holder : document.body).appendChild(box);
      self.draw(box);
      var close = document.createElement("button");
      close.type = "button";
      close.className = "geetest_close";
      close.textContent = "\u00d7";
      close.setAttribute("aria-label", "Close");
      close.onclick = function () { self.hide(); emit("onClose"); };
      box.appendChild(close);
      return self;
    };
    self.appendTo = function (place) {
      var parent = typeof place === "string" ? document.querySelector(place) : place;
      holder = document.createElement("div");
      holder.className = "geetest_holder";
      holder.innerHTML = '<button type="button" class="geetest_holder_btn">Click to verify</button>';
      holder.firstChild.onclick = self.showBox;
      parent.appendChild(holder);
      return self;
    };
    self.reset = function () {
      validate = false;
      self.hide();
      return self;
    };
    self.destroy = function () {
      self.reset();
      gone = true;
      if (holder) holder.remove();
    };
    setTimeout(function () { emit("onReady"); }, 0);
  }
