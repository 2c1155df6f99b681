/** What the server refuses, and what never reached it, in one shape that screens can show. */

export interface FieldError {
  field: string
  code: string
  message: string
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly data: Record<string, unknown> = {},
    readonly requestId = '',
  ) {
    super(message)
    this.name = 'ApiError'
  }

  get fields(): FieldError[] {
    const list = this.data['fields']
    return Array.isArray(list) ? list.filter(isFieldError) : []
  }

  /** True when the server may or may not have acted: the same intent has to be sent again with the same key. */
  get uncertain(): boolean {
    return this.status === 0 || this.status >= 500
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isFieldError(value: unknown): value is FieldError {
  return isRecord(value) && typeof value['field'] === 'string' && typeof value['message'] === 'string'
}

export function networkError(): ApiError {
  return new ApiError(0, 'network', '网络不通，请检查网络后重试')
}

const PLAIN: Record<number, string> = {
  401: '请重新登录',
  403: '当前账号没有这项权限',
  404: '没有找到',
  413: '文件太大，请选择更小的文件',
  429: '操作太频繁，请稍后再试',
  502: '服务器正在重启，请稍后重试',
  503: '服务器正在重启，请稍后重试',
  504: '服务器没有及时回答，请稍后重试',
}

/** `body` is whatever came back; a proxy's HTML page must not break the screen. */
export function toApiError(status: number, body: unknown): ApiError {
  const inner = isRecord(body) ? body['error'] : undefined
  if (isRecord(inner) && typeof inner['message'] === 'string' && typeof inner['code'] === 'string') {
    const data = isRecord(inner['data']) ? inner['data'] : {}
    const id = typeof inner['request_id'] === 'string' ? inner['request_id'] : ''
    return new ApiError(status, inner['code'], inner['message'], data, id)
  }
  return new ApiError(status, 'unknown', PLAIN[status] ?? '服务器出错了，请稍后重试')
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  // fetch rejects with a TypeError when nothing answered.
  if (error instanceof TypeError || error instanceof DOMException) return networkError()
  return new ApiError(-1, 'unknown', '页面出错了，请刷新后重试')
}

export function messageOf(error: unknown): string {
  return asApiError(error).message
}

/** Field name → sentence; for repeated fields (`pictures.0`) the first word counts too. */
export function fieldMessages(error: unknown): Record<string, string> {
  const out: Record<string, string> = {}
  for (const { field, message } of asApiError(error).fields) {
    out[field] ??= message
    const head = field.split('.')[0]
    if (head) out[head] ??= message
  }
  return out
}
