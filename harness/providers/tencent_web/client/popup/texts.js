/* The captcha's words: in, a listed language; out, its texts. Languages without texts of their own read English. */
(function () {
  var TEXTS = {
    zh: {
      lang: "zh-CN", dir: "ltr", title: "拖动滑块完成拼图", again: "请再试一次", close: "关闭验证", reload: "换一张", help: "帮助",
      robot: "我不是机器人", loading: "正在加载验证码"
    },
    en: {
      lang: "en", dir: "ltr", title: "Slide to complete the puzzle", again: "Please try again", close: "Close",
      reload: "New picture", help: "Help", robot: "I am human", loading: "Loading the captcha"
    },
    ar: {
      lang: "ar", dir: "rtl", title: "اسحب لإكمال الصورة", again: "حاول مرة أخرى", close: "إغلاق", reload: "صورة جديدة",
      help: "مساعدة", robot: "أنا إنسان", loading: "جارٍ تحميل التحقق"
    }
  };

  return function (language) { return TEXTS[language.split("-")[0]] || TEXTS.en; };
})()
