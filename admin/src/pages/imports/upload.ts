import { refusal } from '@/api/client'
import { networkError } from '@/api/errors'
import type { UploadedFile } from '@/api/types'

const MOST_BYTES = 64 * 1024 * 1024

/** What is wrong with a chosen file before any of it is sent; the server looks at the content itself. */
export function tableProblem(file: Pick<File, 'name' | 'size'>): string {
  if (/\.xls$/i.test(file.name)) return '这是旧版 .xls 表格，请用 Excel 或 WPS 另存为 .xlsx 后再选'
  if (!/\.xlsx$/i.test(file.name)) return '请选择 .xlsx 表格，可以先下载模板来填'
  if (file.size === 0) return '这个文件是空的，请选择填好的表格'
  return file.size > MOST_BYTES ? '表格不能超过 64 MB，请分成几个文件导入' : ''
}

/**
 * Sends a table. `onProgress` hears how much of it has gone, 0 to 1; fetch can't tell.
 * Rejects with an ApiError, or with an AbortError when `signal` was aborted.
 */
export function uploadTable(file: File, onProgress: (share: number) => void, signal?: AbortSignal): Promise<UploadedFile> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/api/m/cards/imports/files')
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.responseType = 'text'
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0)
    request.onload = () => {
      const body = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300) resolve(body as UploadedFile)
      else reject(refusal(request.status, body))
    }
    request.onerror = () => reject(networkError())
    request.ontimeout = () => reject(networkError())
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'))
    if (signal?.aborted) return reject(new DOMException('aborted', 'AbortError'))
    signal?.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}
