// One address in front of PostgREST, storage and TUS, as a Supabase project has.
//
//   /rest/v1/*                      PostgREST, without the prefix; refused without a known key
//   /storage/v1/upload/resumable*   TUS (see resumable.mjs)
//   /storage/v1/*                   storage; keys are translated, none is required (public objects)
//   /gateway/requests               what came since the last DELETE of this, as JSON; for tests
//
// Reads its configuration as one JSON object from the environment variable GATEWAY:
//   port (0 takes any), rest, storage (origins), uploads (folder), tls ({key, cert}),
//   keys ({KEY: {role, jwt, storage}}: what a client may hold, and what stands for it behind).
// Prints "listening HTTP_PORT HTTPS_PORT" when ready. The second offers h2 and http/1.1 by ALPN, as hosted
// projects do.

import http from "node:http";
import http2 from "node:http2";

import { forward, refuse } from "./proxy.mjs";
import { resumableUploads } from "./resumable.mjs";

const REQUESTS_PER_CONNECTION = 200;
const MOST_NOTED = 20_000;

const config = JSON.parse(process.env.GATEWAY);
const uploads = resumableUploads({ folder: config.uploads, storage: config.storage, keyOf });
let noted = [];

function tokenOf(headers) {
  return /^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1] ?? headers.apikey;
}

function keyOf(headers) {
  return config.keys[tokenOf(headers)];
}

function toRest(request, response, url) {
  const apikey = request.headers.apikey ?? url.searchParams.get("apikey");
  if (!apikey) {
    return refuse(response, 401, {
      message: "No API key found in request",
      hint: "No `apikey` request header or url param was found.",
    });
  }
  if (!config.keys[apikey]) {
    return refuse(response, 401, {
      message: "Invalid API key",
      hint: "Double check your Supabase `anon` or `service_role` API key.",
    });
  }
  const token = tokenOf(request.headers) ?? apikey;
  const headers = { authorization: `Bearer ${config.keys[token]?.jwt ?? token}` };
  const path = request.url.slice("/rest/v1".length);
  return forward(request, response, config.rest, path.startsWith("/") ? path : `/${path}`, headers);
}

function toStorage(request, response) {
  const key = keyOf(request.headers);
  const headers = key ? { authorization: `Bearer ${key.jwt}`, apikey: key.storage } : { apikey: undefined };
  return forward(request, response, config.storage, request.url, headers);
}

function route(request, response) {
  const url = new URL(request.url, "http://gateway");
  if (url.pathname === "/gateway/requests") return tellRequests(request, response);
  note(request, response);
  if (url.pathname.startsWith("/rest/v1")) return toRest(request, response, url);
  if (url.pathname.startsWith("/storage/v1/upload/resumable")) return uploads.handle(request, response);
  if (url.pathname.startsWith("/storage/v1/")) return toStorage(request, response);
  return refuse(response, 404, { message: "no Route matched with those values" });
}

function note(request, response) {
  const entry = {
    method: request.method,
    path: request.url,
    http: request.httpVersion,
    content_length: Number(request.headers["content-length"] ?? 0),
    range: request.headers.range ?? null,
    upload_offset: Number(request.headers["upload-offset"] ?? 0),
    status: null, // until the answer is out; stays so where the client went away before
  };
  response.once("finish", () => (entry.status = response.statusCode));
  noted.push(entry);
  if (noted.length > MOST_NOTED) noted = noted.slice(-MOST_NOTED / 2);
}

function tellRequests(request, response) {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(noted));
  if (request.method === "DELETE") noted = [];
}

function listen(server, port) {
  server.requestTimeout = 0; // an upload may take its time
  server.keepAliveTimeout = 60_000; // longer than a client keeps an idle connection
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => resolve(server.address().port));
  });
}

// As the networks in front of hosted projects do (nginx: keepalive_requests): after so many requests a
// connection takes no more, says so, and ends when the last answer is out (RFC 9113, 6.8).
function renew(session) {
  let begun = 0;
  session.on("stream", () => ++begun === REQUESTS_PER_CONNECTION && session.close());
}

const tls = http2.createSecureServer({ ...config.tls, allowHTTP1: true }, route).on("session", renew);
const plain = await listen(http.createServer(route), config.port);
const secure = await listen(tls, 0);
console.log(`listening ${plain} ${secure}`);
