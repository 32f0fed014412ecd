"use strict";

// Ask each host by both clients that Node brings along; they must agree.
const https = require("node:https");

function byHttps(host) {
  return new Promise((resolve) => {
    https.get(`https://${host}/path`, (answer) => { answer.resume(); resolve(String(answer.statusCode)); })
      .on("error", (error) => resolve(error.code));
  });
}

async function byFetch(host) {
  try {
    return String((await fetch(`https://${host}/path`)).status);
  } catch (error) {
    return error.cause.code;
  }
}

(async () => {
  const met = {};
  for (const host of process.argv.slice(2)) {
    const both = [await byHttps(host), await byFetch(host)];
    met[host] = both[0] === both[1] ? both[0] : both.join(" and ");
  }
  console.log(JSON.stringify(met));
})();
