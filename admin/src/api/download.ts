import { send } from './client'

function nameFrom(header: string | null): string | null {
  if (!header) return null
  const utf8 = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1]
  if (utf8) return decodeURIComponent(utf8)
  return /filename="?([^";]+)"?/i.exec(header)?.[1] ?? null
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Revoking at once cancels the download in some browsers.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** POSTs JSON and saves the file that comes back; refusals are thrown as ApiError. */
export async function download(path: string, body: unknown, fallbackName: string): Promise<string> {
  const response = await send(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  const name = nameFrom(response.headers.get('Content-Disposition')) ?? fallbackName
  save(await response.blob(), name)
  return name
}
