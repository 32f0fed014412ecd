"use strict";

// Signing in behind a captcha. Where nobody can vouch for a user the password is enough, once for an account and a few times for
// an address, and such a session is marked.
const { randomUUID, timingSafeEqual } = require("node:crypto");
const { readFileSync } = require("node:fs");
const path = require("node:path");
const express = require("express");
const captcha = require("./captcha.js");

const PUBLIC = path.join(__dirname, "public");
const PASSWORD = Buffer.from("correct horse"); // a real one keeps a slow hash for each account
const PER_ACCOUNT = 1;
const PER_ADDRESS = 5;
const WINDOW_MS = 3600 * 1000;

// A site of one process; a real one keeps these in its database.
const sessions = [];
const unverified = [];
const used = new Set();
const attempts = new Map();

const app = express();
const page = readFileSync(path.join(PUBLIC, "index.html"), "utf8").replace("APP_ID", captcha.APP_ID);

app.get("/", (request, answer) => { answer.type("html").send(page); });
app.get("/sign-in.js", (request, answer) => { answer.sendFile(path.join(PUBLIC, "sign-in.js")); });
app.get("/admin/sessions.json", (request, answer) => { answer.json({ sessions }); });

app.post("/sign-in", express.text({ type: () => true, limit: "16kb" }), async (request, answer) => {
  const reply = await once(`${request.get("Idempotency-Key") ?? randomUUID()} ${request.body}`, () => signIn(request));
  answer.status(reply.status).json(reply.body);
});

// A body that is too long or not to be read, and whatever else Express turns away.
app.use((error, request, answer, next) => {
  if (answer.headersSent) next(error);
  else answer.status(error.status ?? 500).json({ state: "refused", message: "This could not be read." });
});

// Each attempt once, and the same answer to each repetition: browsers re-send, and so do people.
function once(attempt, work) {
  if (!attempts.has(attempt)) attempts.set(attempt, work());
  return attempts.get(attempt);
}

async function signIn(request) {
  const { username, password, ticket, randstr } = texts(request.body, ["username", "password", "ticket", "randstr"]);
  const address = request.socket.remoteAddress;
  if (used.has(`${ticket} ${randstr}`)) return refused(403);
  used.add(`${ticket} ${randstr}`);
  const { outcome, code } = await captcha.worth(ticket, randstr, address);
  if (outcome === "refused" || !username || !right(password)) return refused(403);
  if (outcome === "verified") return signedIn(username, true, "You are signed in.");
  console.warn(`captcha.degraded code=${code}`);
  if (!allowed(username, address)) {
    return { status: 429, body: { state: "refused", message: "We cannot check that you are human just now. Please try again later." } };
  }
  const said = "You are signed in. We could not check that you are human, so some things need your password again.";
  return signedIn(username, false, said, code > 2000 ? captcha.serverTicket(code, randomUUID()) : ticket);
}

function allowed(account, address) {
  const recent = unverified.filter(({ at }) => Date.now() - at < WINDOW_MS);
  const room = recent.filter((one) => one.account === account).length < PER_ACCOUNT
    && recent.filter((one) => one.address === address).length < PER_ADDRESS;
  if (room) unverified.push({ account, address, at: Date.now() });
  return room;
}

function signedIn(username, verified, message, ticket) {
  sessions.push({ username, verified });
  return { status: 200, body: { state: "signed-in", message, ticket } };
}

function refused(status) {
  return { status, body: { state: "refused", message: "The check did not go through. Press the button to try again." } };
}

function right(password) {
  const given = Buffer.from(password);
  return given.length === PASSWORD.length && timingSafeEqual(given, PASSWORD);
}

// The texts of a JSON body; what is missing, or no text, or endless, is an empty one.
function texts(body, names) {
  let found = null;
  try {
    found = JSON.parse(body);
  } catch {
    // Not JSON: every text is empty.
  }
  return Object.fromEntries(names.map((name) => [name, textOf(found?.[name])]));
}

function textOf(value) {
  return typeof value === "string" && value.length <= 600 ? value : "";
}

app.listen(Number(process.env.PORT), "127.0.0.1");
