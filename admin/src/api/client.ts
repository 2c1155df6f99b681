import createClient from 'openapi-fetch'
import { networkError, toApiError, type ApiError } from './errors'
import type { paths } from './schema'

type SignedOut = () => void
let onSignedOut: SignedOut = () => undefined

/** The session room says what happens on 401; the client itself knows no pages. */
export function whenSignedOut(handler: SignedOut): void {
  onSignedOut = handler
}

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  fetch: (request) => globalThis.fetch(request),
})

interface Reply<T> {
  data?: T
  error?: unknown
  response: Response
}

/** Answer of a call, or an ApiError. Every screen goes through here. */
export async function call<T>(pending: Promise<Reply<T>>): Promise<T> {
  let reply: Reply<T>
  try {
    reply = await pending
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw networkError()
  }
  if (!reply.response.ok) throw refusal(reply.response.status, reply.error)
  return reply.data as T
}

/** What the server's answer says, as an ApiError; where the session has ended, that is seen to. */
export function refusal(status: number, body: unknown): ApiError {
  const error = toApiError(status, body)
  // A failed sign-in is 403; 401 always means that the session has ended.
  if (error.status === 401) onSignedOut()
  return error
}

/** For the two calls that are not JSON both ways: pictures go up raw, sheets come down as files. */
export async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await globalThis.fetch(path, { credentials: 'same-origin', ...init })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw networkError()
  }
  if (response.ok) return response
  throw refusal(response.status, await response.json().catch(() => null))
}
