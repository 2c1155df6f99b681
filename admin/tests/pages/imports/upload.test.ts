import { whenSignedOut } from '@/api/client'
import { isAborted, tableProblem, uploadTable } from '@/pages/imports/upload'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

class FakeRequest {
  static last: FakeRequest
  headers: Record<string, string> = {}
  sent: unknown = null
  opened = ''
  status = 0
  responseText = ''
  responseType = ''
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {}
  onload?: () => void
  onerror?: () => void
  onabort?: () => void
  constructor() {
    FakeRequest.last = this
  }
  open(method: string, path: string) {
    this.opened = `${method} ${path}`
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value
  }
  send(body: unknown) {
    this.sent = body
  }
  abort() {
    this.onabort?.()
  }
  answer(status: number, body: unknown) {
    this.status = status
    this.responseText = typeof body === 'string' ? body : JSON.stringify(body)
    this.onload?.()
  }
}

const table = new File(['x'], '卡券.xlsx')

beforeEach(() => void vi.stubGlobal('XMLHttpRequest', FakeRequest))
afterEach(() => {
  vi.unstubAllGlobals()
  whenSignedOut(() => undefined)
})

describe('uploading a table', () => {
  it('sends the file itself, and tells how much has gone', async () => {
    const shares: number[] = []
    const pending = uploadTable(table, (share) => shares.push(share))
    const request = FakeRequest.last
    expect(request.opened).toBe('POST /api/m/cards/imports/files')
    expect(request.headers).toEqual({ 'Content-Type': 'application/octet-stream' })
    expect(request.sent).toBe(table)
    request.upload.onprogress?.({ loaded: 25, total: 100 })
    request.upload.onprogress?.({ loaded: 100, total: 100 })
    request.answer(201, { file_id: 9, size: 1, expires_at: '' })
    expect((await pending).file_id).toBe(9)
    expect(shares).toEqual([0.25, 1])
  })

  it('refuses in the server’s words, also where a proxy answered', async () => {
    const refused = uploadTable(table, () => undefined)
    FakeRequest.last.answer(413, { error: { code: 'body_too_large', message: '文件不能超过 64 MB', data: {} } })
    await expect(refused).rejects.toMatchObject({ code: 'body_too_large', message: '文件不能超过 64 MB' })
    const proxied = uploadTable(table, () => undefined)
    FakeRequest.last.answer(413, '<html>')
    await expect(proxied).rejects.toMatchObject({ status: 413, message: '文件太大，请选择更小的文件' })
  })

  it('leads to the sign-in page when the session has ended', async () => {
    const out = vi.fn()
    whenSignedOut(out)
    const pending = uploadTable(table, () => undefined)
    FakeRequest.last.answer(401, { error: { code: 'not_signed_in', message: '请重新登录', data: {} } })
    await expect(pending).rejects.toMatchObject({ status: 401 })
    expect(out).toHaveBeenCalledTimes(1)
  })

  it('tells a lost network from having been stopped', async () => {
    const lost = uploadTable(table, () => undefined)
    FakeRequest.last.onerror?.()
    await expect(lost).rejects.toMatchObject({ code: 'network', uncertain: true })
    const stop = new AbortController()
    const stopped = uploadTable(table, () => undefined, stop.signal)
    stop.abort()
    const reason: unknown = await stopped.catch((error: unknown) => error)
    expect(isAborted(reason)).toBe(true)
  })
})

it.each([
  ['卡券.xlsx', 10, ''],
  ['卡券.XLSX', 10, ''],
  ['卡券.xls', 10, '旧版'],
  ['卡券.csv', 10, '.xlsx'],
  ['卡券.xlsx', 0, '空的'],
  ['卡券.xlsx', 65 * 1024 * 1024, '64 MB'],
])('%s of %i bytes: %j', (name, size, words) => {
  const problem = tableProblem({ name, size })
  expect(problem === '').toBe(words === '')
  expect(problem).toContain(words)
})
