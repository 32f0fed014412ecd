"use strict";

// Loaded by Node before the target's own code (--require). TLS connections to port 443 of other machines go through the
// laboratory's proxy, and fail as they would without one: refused is ECONNREFUSED, a reset ECONNRESET, an unknown name ENOTFOUND.
// Everything else (loopback, databases, connections that were made already) goes its own way.

const net = require("node:net");
const tls = require("node:tls");
const { Duplex } = require("node:stream");

const proxy = process.env.CAPTCHAOS_PROXY && new URL(process.env.CAPTCHAOS_PROXY);
const HEAD_END = "\r\n\r\n";

// What the proxy's answer would have been without it. It has tried for real: it answers before anything else is sent.
function failure(answer, host, port) {
  const shapes = [
    [/ No such host$/, { code: "ENOTFOUND", errno: -3008, syscall: "getaddrinfo", hostname: host }, `getaddrinfo ENOTFOUND ${host}`],
    [/ Connection refused$/, { code: "ECONNREFUSED", errno: -111, syscall: "connect", address: host, port }, `connect ECONNREFUSED ${host}:${port}`],
  ];
  const [, fields, message] = shapes.find(([pattern]) => pattern.test(answer)) ?? [
    null, { code: "EACCES", errno: -13, syscall: "connect", address: host, port }, `connect EACCES ${host}:${port} (${answer})`,
  ];
  return Object.assign(new Error(message), fields);
}

// The bytes of one connection through the proxy, from the moment that the proxy has opened the way.
class Tunnel extends Duplex {
  #raw;
  #open = false;
  #head = Buffer.alloc(0);
  #waiting = null;

  constructor(host, port) {
    super();
    this.connecting = true;
    this.#raw = net.connect({ host: proxy.hostname, port: Number(proxy.port), noDelay: true });
    this.#raw.on("connect", () => this.#raw.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}${HEAD_END}`));
    this.#raw.on("data", (chunk) => (this.#open ? this.#pass(chunk) : this.#greet(chunk, host, port)));
    this.#raw.on("end", () => this.push(null));
    this.#raw.on("error", (error) => this.destroy(error));
    this.#raw.on("close", () => this.destroy());
  }

  #greet(chunk, host, port) {
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return;
    const answer = this.#head.subarray(0, this.#head.indexOf("\r\n")).toString("latin1");
    const rest = this.#head.subarray(end + HEAD_END.length);
    if (!/^HTTP\/1\.1 200 /.test(answer)) {
      this.destroy(failure(answer, host, port));
      return;
    }
    this.#open = true;
    this.connecting = false;
    this.emit("connect");
    this.#waiting?.();
    if (rest.length) this.#pass(rest);
  }

  #pass(chunk) {
    if (!this.push(chunk)) this.#raw.pause();
  }

  #whenOpen(act) {
    if (this.#open) act();
    else this.#waiting = act;
  }

  _read() {
    this.#raw.resume();
  }

  _write(chunk, encoding, done) {
    this.#whenOpen(() => this.#raw.write(chunk, encoding, done));
  }

  _final(done) {
    this.#whenOpen(() => this.#raw.end(done));
  }

  _destroy(error, done) {
    this.#raw.destroy();
    done(error);
  }

  ref() {
    this.#raw.ref();
    return this;
  }

  unref() {
    this.#raw.unref();
    return this;
  }
}

// The three ways in which tls.connect is called: (options), (port, options) and (port, host, options), each with a listener.
function asOptions(given) {
  const [first, second] = given;
  const last = given.filter((one) => one !== null && typeof one === "object").at(-1) ?? {};
  if (first !== null && typeof first === "object") return { ...first };
  return { ...last, port: first, host: typeof second === "string" ? second : last.host };
}

function leadsAway(options) {
  const host = options.host ?? options.hostname;
  const given = options.socket || options.path || options.pipe || !host || Number(options.port) !== 443;
  return !given && host !== "localhost" && host !== "::1" && !host.startsWith("127.");
}

if (proxy) {
  const connect = tls.connect;
  tls.connect = function connectThroughTheLaboratory(...given) {
    const listener = typeof given.at(-1) === "function" ? given.pop() : undefined;
    const options = asOptions(given);
    if (!leadsAway(options)) return connect.call(this, ...given, ...(listener ? [listener] : []));
    const host = options.host ?? options.hostname;
    const servername = options.servername ?? (net.isIP(host) ? undefined : host);
    const socket = new Tunnel(host, Number(options.port));
    return connect.call(this, { ...options, servername, socket }, listener);
  };
}
