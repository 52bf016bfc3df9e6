// Calls to the JSON API. Every refusal becomes an ApiError that says cause and action in words.

import { S } from "./strings.js";

export class ApiError extends Error {
  constructor(status, problem = {}) {
    super(problem.cause ?? S.answered(status));
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code ?? "refused";
    this.cause = this.message;
    this.action = problem.action ?? S.answeredAction;
    this.field = problem.field ?? null;
    this.data = problem.data ?? {};
  }
}

const UNREACHABLE = {
  code: "unreachable",
  cause: S.unreachable,
  action: S.unreachableAction,
};

const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/**
 * Ask the API. `path` begins with `/api/v1/`; `body` is sent as JSON.
 * @returns {Promise<any>} the answer, or null for an empty one.
 * @throws {ApiError} for a refusal or when nobody answers; AbortError when `signal` was aborted.
 */
export async function api(path, { method = "GET", body, signal, headers: more = {} } = {}) {
  const headers = { Accept: "application/json", ...more };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      signal,
      credentials: "same-origin",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, UNREACHABLE);
  }
  return answer(response);
}

async function answer(response) {
  const text = await response.text();
  const json = (response.headers.get("Content-Type") ?? "").includes("json");
  const content = json && text ? JSON.parse(text) : null;
  if (!response.ok) throw new ApiError(response.status, content ?? {});
  return content;
}
