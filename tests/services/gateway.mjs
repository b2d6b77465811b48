// One address in front of PostgREST, storage and TUS, as a Supabase project has.
//
//   /rest/v1/*                      PostgREST, without the prefix; refused without a known key
//   /storage/v1/upload/resumable*   TUS (see resumable.mjs)
//   /storage/v1/*                   storage; keys are translated, none is required (public objects)
//
// Reads its configuration as one JSON object from the environment variable GATEWAY:
//   port, log, rest, storage (origins), uploads (folder), tls ({key, cert} or null),
//   keys ({KEY: {role, jwt, storage}}: what a client may hold, and what stands for it behind).
// Prints "listening PORT" when ready. With tls it offers h2 and http/1.1 by ALPN, as hosted projects do.

import { appendFile } from "node:fs";
import http from "node:http";
import http2 from "node:http2";

import { forward, refuse } from "./proxy.mjs";
import { resumableUploads } from "./resumable.mjs";

const config = JSON.parse(process.env.GATEWAY);
const scheme = config.tls ? "https" : "http";
const uploads = resumableUploads({ folder: config.uploads, storage: config.storage, scheme, roleOf });

function bearer(request) {
  return /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? "")?.[1];
}

function roleOf(headers) {
  const token = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1] ?? headers.apikey;
  return config.keys[token];
}

function toRest(request, response, url) {
  const apikey = request.headers.apikey ?? url.searchParams.get("apikey");
  if (!apikey) {
    return refuse(response, 401, {
      message: "No API key found in request",
      hint: "No `apikey` request header or url param was found.",
    });
  }
  const known = config.keys[apikey];
  if (!known) {
    return refuse(response, 401, {
      message: "Invalid API key",
      hint: "Double check your Supabase `anon` or `service_role` API key.",
    });
  }
  const token = bearer(request) ?? apikey;
  const headers = { authorization: `Bearer ${config.keys[token]?.jwt ?? token}` };
  const path = request.url.slice("/rest/v1".length);
  return forward(request, response, config.rest, path.startsWith("/") ? path : `/${path}`, headers);
}

function toStorage(request, response) {
  const token = bearer(request) ?? request.headers.apikey;
  const known = config.keys[token];
  const headers = known
    ? { authorization: `Bearer ${known.jwt}`, apikey: known.storage }
    : { apikey: undefined };
  return forward(request, response, config.storage, request.url, headers);
}

function route(request, response) {
  note(request, response);
  const url = new URL(request.url, "http://gateway");
  if (url.pathname.startsWith("/rest/v1")) return toRest(request, response, url);
  if (url.pathname.startsWith("/storage/v1/upload/resumable")) return uploads.handle(request, response);
  if (url.pathname.startsWith("/storage/v1/")) return toStorage(request, response);
  return refuse(response, 404, { message: "no Route matched with those values" });
}

// One line of JSON for each request, for tests that ask what a client really sent.
function note(request, response) {
  const begun = performance.now();
  response.once("close", () => {
    const line = {
      method: request.method,
      path: request.url,
      status: response.statusCode,
      http: request.httpVersion,
      content_length: Number(request.headers["content-length"] ?? 0),
      range: request.headers.range ?? null,
      finished: response.writableFinished,
      ms: Math.round(performance.now() - begun),
    };
    appendFile(config.log, `${JSON.stringify(line)}\n`, () => {});
  });
}

const server = config.tls
  ? http2.createSecureServer({ ...config.tls, allowHTTP1: true }, route)
  : http.createServer(route);
server.requestTimeout = 0;
server.keepAliveTimeout = 60_000;
server.listen(config.port, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
