// Byte ranges (RFC 9110, 14) over answers that come whole, as the network in front of hosted storage
// serves them (nginx calls it proxy_force_ranges). The storage behind ignores Range.

import { Transform } from "node:stream";

function slice(first, last) {
  let at = 0;
  return new Transform({
    transform(chunk, _, done) {
      const start = Math.max(first - at, 0);
      const end = Math.min(last + 1 - at, chunk.length);
      at += chunk.length;
      done(null, start < end ? chunk.subarray(start, end) : undefined);
    },
  });
}

function wanted(request, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  if (!match || (!match[1] && !match[2])) return null;
  if (!match[1]) return { first: Math.max(size - Number(match[2]), 0), last: size - 1 };
  return { first: Number(match[1]), last: match[2] ? Math.min(Number(match[2]), size - 1) : size - 1 };
}

function isTheSame(request, headers) {
  const condition = request.headers["if-range"];
  return !condition || condition === headers.etag || condition === headers["last-modified"];
}

// What to answer: {status, headers, through: streams between}.
export function cut(request, answer) {
  const { statusCode: status, headers } = answer;
  const whole = { status, headers, through: [] };
  const size = Number(headers["content-length"]);
  const isObject = request.method === "GET" && request.url.startsWith("/storage/v1/object/");
  if (!isObject || status !== 200 || Number.isNaN(size) || !isTheSame(request, headers)) return whole;
  const range = wanted(request, size);
  if (!range) return whole;
  if (range.first >= size || range.first > range.last) {
    return { status: 416, headers: { "content-range": `bytes */${size}`, "content-length": "0" }, through: [] };
  }
  return {
    status: 206,
    headers: {
      ...headers,
      "content-length": String(range.last - range.first + 1),
      "content-range": `bytes ${range.first}-${range.last}/${size}`,
    },
    through: [slice(range.first, range.last)],
  };
}
