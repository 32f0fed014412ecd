// Signing in: the captcha is shown on the press of the button, and whatever becomes of it, the attempt goes on to the server.
const ENTRY = "https://turing.captcha.qcloud.com/TCaptcha.js";
const ENTRY_DEADLINE_MS = 5000;
const WATCHDOG_MS = 8000; // from the press to a challenge that can be seen
const ANSWER_MS = 8000;
const RETRIES = 2;

const { appId } = document.body.dataset;
const form = document.getElementById("sign-in");
const button = document.getElementById("go");
let entry = "loading";
let attempt = null; // one at a time, from the press until its fate is known
let unsure = null; // a submit of which nothing was heard: the next press sends the same again

loadEntry();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!attempt) begin();
});
button.disabled = false;

// Without holding up the page, and with an end: a script can fail, hang, or load and define nothing.
function loadEntry() {
  const script = document.createElement("script");
  const end = (outcome) => {
    if (entry !== "loading") return;
    clearTimeout(deadline);
    entry = outcome;
    if (attempt && !attempt.settled) proceed();
  };
  const deadline = setTimeout(() => end("failed"), ENTRY_DEADLINE_MS);
  script.src = ENTRY;
  script.onerror = () => end("failed");
  script.onload = () => end(typeof window.TencentCaptcha === "function" ? "ready" : "failed");
  document.head.append(script);
}

function begin() {
  attempt = { settled: false, timer: null };
  document.documentElement.classList.remove("settled");
  busy("Checking that you are human…");
  if (unsure) settle();
  else {
    attempt.timer = watch(attempt);
    proceed();
  }
}

function proceed() {
  if (entry === "failed") fallBack();
  if (entry !== "ready") return;
  const mine = attempt;
  try {
    new window.TencentCaptcha(appId, (result) => called(mine, result)).show();
  } catch (error) {
    console.warn("captcha:", error);
    fallBack();
  }
}

// By the ticket, never by ret: a client that failed calls back with a fallback ticket, and that goes to the server like any other.
function called(mine, result) {
  if (mine !== attempt || mine.settled || !result) return;
  if (result.ticket) settle(result.ticket, result.randstr);
  else end("You closed the check. Press the button to try again.");
}

// The documented ticket of a client that could not be loaded.
function fallBack() {
  settle(`terror_1001_${appId}_${Math.floor(Date.now() / 1000)}`, `@${Math.random().toString(36).slice(2)}`);
}

function watch(mine) {
  let since = performance.now();
  return setInterval(() => {
    if (challengeVisible()) since = performance.now();
    else if (performance.now() - since >= WATCHDOG_MS && mine === attempt) fallBack();
  }, 250);
}

// The popup is in the page long before anybody can see it: parked off screen, or transparent.
function challengeVisible() {
  const popup = document.getElementById("tcaptcha_transform_dy");
  if (!popup) return false;
  const { display, visibility, opacity } = getComputedStyle(popup);
  const box = popup.getBoundingClientRect();
  const inside = box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
  return display !== "none" && visibility !== "hidden" && Number(opacity) > 0 && box.width > 0 && box.height > 0 && inside;
}

async function settle(ticket, randstr) {
  if (!attempt || attempt.settled) return;
  attempt.settled = true;
  clearInterval(attempt.timer);
  document.documentElement.classList.add("settled"); // a popup that comes late must not cover what follows
  busy("Signing in…");
  unsure ??= { key: key(), body: JSON.stringify({ ...Object.fromEntries(new FormData(form)), ticket, randstr }) };
  const said = await post("/sign-in", unsure);
  if (!said) return end("We cannot be reached just now. Press the button to try again.");
  unsure = null;
  if (said.state === "signed-in") finish(said.message);
  else end(said.message);
}

function end(message) {
  clearInterval(attempt.timer);
  attempt = null;
  busy("");
  say("message", message);
}

// The same again under the same key when nothing was heard: the server knows what it has done already.
async function post(path, { key: once, body }) {
  for (let tries = 0; tries <= RETRIES; tries += 1) {
    try {
      const headers = { "Content-Type": "application/json", "Idempotency-Key": once };
      const answer = await fetch(path, { method: "POST", headers, body, signal: AbortSignal.timeout(ANSWER_MS) });
      return await answer.json();
    } catch (error) {
      console.warn("sign-in:", error);
      await new Promise((resume) => setTimeout(resume, 400 * (tries + 1)));
    }
  }
  return null;
}

function key() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// aria-disabled and not disabled: the keyboard must not lose its place.
function busy(text) {
  button.setAttribute("aria-disabled", String(Boolean(text)));
  say("status", text);
  if (text) say("message", "");
}

function finish(text) {
  for (const one of document.forms) one.hidden = true;
  busy("");
  say("message", "");
  say("done", text);
  document.getElementById("done").focus();
}

function say(id, text) {
  const place = document.getElementById(id);
  place.textContent = text;
  place.hidden = text === "";
}
