// Resumable upload as Supabase offers it: TUS 1.0 with bucketName, objectName and contentType in
// Upload-Metadata and x-upsert in the header. The finished file goes to storage by its own upload call.

import { createReadStream, mkdirSync } from "node:fs";
import { truncate } from "node:fs/promises";
import http from "node:http";
import path from "node:path";

import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const PATH = "/storage/v1/upload/resumable";

function tusError(status_code, body) {
  return Object.assign(new Error(body), { status_code, body: `${body}\n` });
}

// The object's address in storage; each part of the key is encoded, the slashes between stay.
function address(storage, { bucketName, objectName }) {
  const key = objectName.split("/").map(encodeURIComponent).join("/");
  return `${storage}/storage/v1/object/${encodeURIComponent(bucketName)}/${key}`;
}

function call(method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode, text: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject);
    if (body) body.on("error", reject).pipe(request);
    else request.end();
  });
}

export function resumableUploads({ folder, storage, keyOf }) {
  mkdirSync(folder, { recursive: true });
  const uploads = new FileStore({ directory: folder });
  const keyFor = (request) => keyOf(Object.fromEntries(request.headers));
  const asStorageKnows = (key) => ({ authorization: `Bearer ${key.jwt}`, apikey: key.storage });

  // Storage refuses before the first byte what it would refuse at the end.
  async function check(request, upload) {
    const { bucketName, objectName } = upload.metadata ?? {};
    if (!bucketName || !objectName) throw tusError(400, "Upload-Metadata needs bucketName and objectName");
    const key = keyFor(request);
    const bucket = await call("GET", `${storage}/storage/v1/bucket/${encodeURIComponent(bucketName)}`, asStorageKnows(key));
    if (bucket.status !== 200) throw tusError(404, "Bucket not found");
    const limit = JSON.parse(bucket.text).file_size_limit;
    if (limit && upload.size > limit) throw tusError(413, "Maximum size exceeded");
    const isUpsert = request.headers.get("x-upsert") === "true";
    const there = isUpsert ? null : await call("HEAD", address(storage, upload.metadata), asStorageKnows(key));
    if (there?.status === 200) throw tusError(409, "The resource already exists");
    return { metadata: { ...upload.metadata, upsert: String(isUpsert) } };
  }

  async function store(request, upload) {
    const file = path.join(folder, upload.id);
    const { status, text } = await call(
      "POST",
      address(storage, upload.metadata),
      {
        ...asStorageKnows(keyFor(request)),
        "content-type": upload.metadata.contentType ?? "application/octet-stream",
        "content-length": upload.size,
        "x-upsert": upload.metadata.upsert,
        ...(upload.metadata.cacheControl ? { "cache-control": `max-age=${upload.metadata.cacheControl}` } : {}),
      },
      createReadStream(file),
    );
    if (status !== 200) {
      await uploads.remove(upload.id); // or HEAD would tell the client that all is well
      throw tusError(status, text);
    }
    // A client that lost the last answer asks with HEAD and must hear that all is there (TUS 1.0, HEAD);
    // so the length stays, and the bytes go.
    await truncate(file, 0);
    await truncate(file, upload.size);
    return {};
  }

  return new Server({
    path: PATH,
    datastore: uploads,
    generateUrl: (request, { id }) => `${new URL(request.url).origin}${PATH}/${id}`,
    onIncomingRequest: async (request) => {
      if (keyFor(request)?.role !== "service_role") throw tusError(403, "new row violates row-level security policy");
    },
    onUploadCreate: check,
    onUploadFinish: store,
  });
}
