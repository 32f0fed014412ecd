"use strict";

// Asks through the vendor's Node SDK: a question a line on stdin, an outcome a line on stdout. Nothing is caught that an
// application cannot catch, so an exception that the SDK throws on its own ends this process.
const readline = require("node:readline");
const { captcha } = require("tencentcloud-sdk-nodejs/tencentcloud/services/captcha");
const { default: SdkError } = require("tencentcloud-sdk-nodejs/tencentcloud/common/exception/tencent_cloud_sdk_exception");

const clients = new Map();

function clientFor(question) {
  const key = JSON.stringify([question.credential, question.http]);
  if (!clients.has(key)) {
    const Client = captcha.v20190722.Client;
    clients.set(key, new Client({ credential: question.credential, region: "", profile: { httpProfile: question.http } }));
  }
  return clients.get(key);
}

async function ask(question) {
  try {
    const answer = await clientFor(question).DescribeCaptchaResult(question.fields);
    const code = answer.CaptchaCode;
    return { how: "code", code: code === undefined ? null : code, text: String(code) };
  } catch (error) {
    const how = error instanceof SdkError ? "sdk-error" : "raw";
    const code = how === "raw" ? error.name : error.code;
    return { how, code: code === undefined ? null : code, text: String(error.message), http_code: error.httpCode };
  }
}

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  const began = process.hrtime.bigint();
  const outcome = await ask(JSON.parse(line));
  outcome.seconds = Number(process.hrtime.bigint() - began) / 1e9;
  process.stdout.write(JSON.stringify(outcome) + "\n");
});
