import type { ErrorCode } from './types'

export interface FieldError {
  field: string
  message: string
}

/** No answer came. */
export const UNREACHABLE = 'unreachable'
/** The server's unknown fault, and whatever a proxy in between says. */
const BROKEN = 'internal_error'

/** Said before the request itself was looked at: an earlier one of the same key may have been done all the same. */
const AT_THE_DOOR = new Set([
  'captcha_needed', 'captcha_wrong', 'address_blocked', 'not_signed_in', 'permission_missing', 'foreign_origin',
])

/** What went wrong with a call, in words for the customer. */
export class Failure extends Error {
  constructor(
    override readonly message: string,
    readonly code: ErrorCode | typeof UNREACHABLE | typeof BROKEN,
    /**
     * True when the server has decided and a retry of the same request can't come out otherwise.
     * False after a lost answer, a fault, "too many tries" or "a captcha first": then the idempotency key must be kept.
     */
    readonly settled: boolean,
    readonly fields: FieldError[] = [],
    readonly retryAfter = 0,
    readonly data: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
  }
}

export function unreachable(): Failure {
  return new Failure('网络不通，没有收到回应。请检查网络后重试。', UNREACHABLE, false)
}

export function asFailure(reason: unknown): Failure {
  return reason instanceof Failure ? reason : unreachable()
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function fieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return []
  return value
    .map((item) => ({ field: text(record(item).field), message: text(record(item).message) }))
    .filter((error) => error.field !== '' && error.message !== '')
}

function seconds(value: unknown): number {
  const number = Number(value)
  return Number.isFinite(number) && number > 0 ? Math.ceil(number) : 0
}

/** The body may be anything: a proxy in between answers with HTML of its own. */
export function failureOf(response: Response, body: unknown): Failure {
  const error = record(record(body).error)
  const data = record(error.data)
  const refused = response.status >= 400 && response.status < 500
  const passing = response.status === 408 || response.status === 425 || response.status === 429
  const worded = text(error.message)
  const code = text(error.code) || BROKEN
  const fallback = refused && worded === '' ? '没有办成，请稍后再试。' : '系统忙，请稍后再试。'
  return new Failure(
    worded || fallback,
    code as Failure['code'],
    refused && !passing && !AT_THE_DOOR.has(code),
    fieldErrors(data.fields),
    response.status === 429 ? seconds(data.retry_after) || seconds(response.headers.get('Retry-After')) || 60 : 0,
    data,
  )
}
