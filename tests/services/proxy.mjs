// Passes one request on and its answer back, both as streams.

import http from "node:http";
import { pipeline } from "node:stream";

import { cut } from "./ranges.mjs";

// Idle connections end here well before the services end them, so that none breaks just as it is used.
const agent = new http.Agent({ keepAlive: true, maxSockets: 64, timeout: 1500 });

// They belong to one connection (RFC 9110, 7.6.1), not to the message.
const HOP_BY_HOP = new Set([
  "connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
  "te", "trailer", "transfer-encoding", "upgrade", "proxy-connection",
]);

function endToEnd(headers) {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith(":") && !HOP_BY_HOP.has(name)),
  );
}

export function refuse(response, status, body) {
  if (response.headersSent) return response.destroy();
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  return response.end(text);
}

// `replaced` are headers set in the request; undefined removes one.
export function forward(request, response, origin, path, replaced) {
  const headers = { ...endToEnd(request.headers), ...replaced, host: new URL(origin).host };
  for (const [name, value] of Object.entries(headers)) if (value === undefined) delete headers[name];
  const onward = http.request(origin, { method: request.method, path, headers, agent });
  onward.on("response", (answer) => reply(request, response, answer));
  onward.on("error", (error) => refuse(response, 502, { message: `upstream: ${error.message}` }));
  response.on("close", () => response.writableFinished || onward.destroy());
  pipeline(request, onward, () => {}); // errors of either side are told above
}

function reply(request, response, answer) {
  const part = cut(request, answer);
  response.writeHead(part.status, endToEnd(part.headers));
  if (part.status === 416) {
    answer.resume();
    return response.end();
  }
  return pipeline([answer, ...part.through, response], () => {}); // an error of one ends the others
}
