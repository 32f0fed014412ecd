"use strict";

// What a captcha's ticket is worth, by Tencent Cloud's verdict API and the vendor's own SDK.
const { createHash, createHmac } = require("node:crypto");
const { captcha } = require("tencentcloud-sdk-nodejs/tencentcloud/services/captcha");
const { default: SdkError } = require("tencentcloud-sdk-nodejs/tencentcloud/common/exception/tencent_cloud_sdk_exception");

const { CAPTCHA_APP_ID: APP_ID, CAPTCHA_APP_SECRET, TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY } = process.env;
const [TIMED_OUT, CONNECTION_FAILED, SERVER_ERROR, BUSY, UNREADABLE, NOT_SERVED] = [2001, 2002, 2003, 2004, 2005, 2006];
const SIGNING_KEY = createHash("sha256").update(`tickets:${CAPTCHA_APP_SECRET}`).digest();
// In all, whatever happens: the SDK's own timeout is for the headers and then for the body.
const DEADLINE_MS = 2500;

const FALLBACK = /^tr?error_(1\d{3})_(\d{1,20})_(\d{10})(_[0-9A-Za-z@:.-]{1,128})?$/;
const ISSUED = /^tr?0[0-9A-Za-z*_.=+/-]{18,510}$/;
const RANDSTR = /^@[0-9A-Za-z]{1,32}$/;
// Throttled, in arrears, or a clock that is off: the API works, but not for us.
const OUR_FAULT = /^(RequestLimitExceeded|LimitExceeded|UnauthorizedOperation|AuthFailure|ResourceUnavailable)(\.|$)/;

// The outcome ("verified", "unverified" or "refused") and the code that says why: the client's, the provider's, or ours.
async function worth(ticket, randstr, userIp) {
  const fallback = FALLBACK.exec(ticket);
  const usable = ISSUED.test(ticket) || (fallback && fallback[2] === APP_ID && fresh(Number(fallback[3])));
  if (!RANDSTR.test(randstr) || !usable) return { outcome: "refused", code: 0 };
  const code = await verdict(ticket, randstr, userIp);
  if (code >= 2001 && code <= 2006) return { outcome: "unverified", code };
  // 21 is what a fallback ticket gets: it is public, and says nothing of who wrote it.
  if (fallback && (code === 1 || code === 21)) return { outcome: "unverified", code: Number(fallback[1]) };
  return { outcome: code === 1 ? "verified" : "refused", code };
}

// The ticket of a failure that no client sees, bound to its attempt.
function serverTicket(code, attempt) {
  const head = `terror_${code}_${APP_ID}_${Math.floor(Date.now() / 1000)}`;
  return `${head}_${createHmac("sha256", SIGNING_KEY).update(`${head} ${attempt}`).digest("hex").slice(0, 40)}`;
}

function fresh(seconds) {
  const age = Date.now() / 1000 - seconds;
  return age >= -120 && age <= 600;
}

// Ask once, for a ticket is single-use.
function verdict(...asked) {
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, DEADLINE_MS, TIMED_OUT); });
  return Promise.race([ask(...asked), late]).finally(() => clearTimeout(timer));
}

async function ask(ticket, randstr, userIp) {
  let redirected = false;
  // The SDK would follow a redirect and hand AppSecretKey to whatever it names. It asks for an agent before each request.
  const agent = (url) => {
    redirected = url.pathname !== "/";
    if (redirected) throw new Error("the verdict API answered with a redirect");
  };
  const client = new captcha.v20190722.Client({
    credential: { secretId: TENCENTCLOUD_SECRET_ID, secretKey: TENCENTCLOUD_SECRET_KEY },
    region: "",
    profile: { httpProfile: { reqTimeout: 5, agent } },
  });
  try {
    const { CaptchaCode: code } = await client.DescribeCaptchaResult({
      CaptchaType: 9, Ticket: ticket, Randstr: randstr, UserIp: userIp, CaptchaAppId: Number(APP_ID), AppSecretKey: CAPTCHA_APP_SECRET,
    });
    if (!Number.isInteger(code) || (code >= 2001 && code <= 2006)) return UNREADABLE;
    return code === 26 ? BUSY : code;
  } catch (error) {
    return redirected ? UNREADABLE : ofError(error);
  }
}

// What is not the SDK's own error is an answer that the SDK could not read.
function ofError(error) {
  if (!(error instanceof SdkError) || error.httpCode) return UNREADABLE;
  if (!error.code) return CONNECTION_FAILED;
  if (/^Internal(Server)?Error$/.test(error.code)) return SERVER_ERROR;
  return OUR_FAULT.test(error.code) ? NOT_SERVED : UNREADABLE;
}

module.exports = { APP_ID, worth, serverTicket };
