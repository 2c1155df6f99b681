import { downloadJobFile } from '@/jobs/download'
import { useJobs } from '@/jobs/store'
import { ElMessageBox } from 'element-plus'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ended, file } from './jobs'

let saved: { name: string; size: number }[]
const once = ended(1, { kind: 'export_cards', file: file({ once: true }) })

function answer(response: () => Response) {
  return vi.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(response()))
}

const content = () => new Response('abcdef', { status: 200, headers: { 'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent('卡券-1-3.xlsx')}` } })

beforeEach(() => {
  setActivePinia(createPinia())
  saved = []
  let blob: Blob | null = null
  URL.createObjectURL = vi.fn((one: Blob) => {
    blob = one
    return 'blob:x'
  })
  URL.revokeObjectURL = vi.fn()
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push({ name: this.download, size: blob?.size ?? -1 })
  })
})

describe('downloading what a job made', () => {
  it('posts, saves under the server’s name, and tells how much has come', async () => {
    const fetch = answer(content)
    const heard: number[] = []
    const plain = ended(2, { file: file() })
    expect(await downloadJobFile(plain, (bytes) => heard.push(bytes))).toBe(true)
    expect(fetch.mock.calls[0]).toEqual(['/api/m/jobs/2/file', { credentials: 'same-origin', method: 'POST' }])
    expect(saved).toEqual([{ name: '卡券-1-3.xlsx', size: 6 }])
    expect(heard).toEqual([0, 6])
  })

  it('asks first where it works only once, and marks it used afterwards', async () => {
    const fetch = answer(content)
    const ask = vi.spyOn(ElMessageBox, 'confirm').mockRejectedValueOnce('cancel')
    useJobs().take(once)
    expect(await downloadJobFile(once)).toBe(false)
    expect(fetch).not.toHaveBeenCalled()
    ask.mockResolvedValueOnce('confirm' as never)
    expect(await downloadJobFile(once)).toBe(true)
    expect(saved).toHaveLength(1)
    expect(useJobs().known.get(1)?.file?.available).toBe(false)
  })

  it('says the server’s words where the file is gone, and offers it no more', async () => {
    const words = '文件已经下载过或已超过一小时，系统已将它删除；如仍需要，请重新导出'
    answer(() => new Response(JSON.stringify({ error: { code: 'file_gone', message: words, data: {} } }), { status: 410 }))
    const alert = vi.spyOn(ElMessageBox, 'alert').mockResolvedValue('confirm' as never)
    const gone = ended(3, { file: file() })
    useJobs().take(gone)
    expect(await downloadJobFile(gone)).toBe(false)
    expect(alert.mock.calls[0]?.[0]).toBe(words)
    expect(useJobs().known.get(3)?.file?.available).toBe(false)
    expect(saved).toEqual([])
  })

  it('says that a file that works once is lost when the line broke', async () => {
    vi.spyOn(ElMessageBox, 'confirm').mockResolvedValue('confirm' as never)
    const alert = vi.spyOn(ElMessageBox, 'alert').mockResolvedValue('confirm' as never)
    answer(() => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('abc'))
          controller.error(new TypeError('network'))
        },
      })
      return new Response(body, { status: 200 })
    })
    useJobs().take(once)
    expect(await downloadJobFile(once)).toBe(false)
    expect(alert.mock.calls[0]?.[0]).toContain('请重新导出')
    expect(saved).toEqual([])
  })
})
