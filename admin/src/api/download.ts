import { send } from './client'

function nameFrom(header: string | null): string | null {
  if (!header) return null
  const utf8 = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1]
  if (utf8) return decodeURIComponent(utf8)
  return /filename="?([^";]+)"?/i.exec(header)?.[1] ?? null
}

function offer(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Revoking at once cancels the download in some browsers.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

function counted(response: Response, onProgress: (bytes: number) => void): Response {
  let bytes = 0
  onProgress(0)
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      onProgress(bytes)
      controller.enqueue(chunk)
    },
  })
  return new Response(response.body?.pipeThrough(counter))
}

/**
 * Saves the file that a call answers. `onProgress` hears of the bytes that have come, 0 when the answer begins.
 * Refusals are thrown as ApiError; a line that breaks in the middle as whatever the browser throws.
 */
export async function save(path: string, init: RequestInit, fallbackName: string, onProgress?: (bytes: number) => void): Promise<void> {
  const response = await send(path, init)
  const name = nameFrom(response.headers.get('Content-Disposition')) ?? fallbackName
  offer(await (onProgress ? counted(response, onProgress) : response).blob(), name)
}
