import { send } from './client'
import { ApiError } from './errors'

export interface UploadedPicture {
  key: string
  url: string
}

export const PICTURE_TYPES = ['image/jpeg', 'image/png', 'image/webp']
const MOST_BYTES = 10 * 1024 * 1024

export async function uploadPicture(file: File): Promise<UploadedPicture> {
  // Checked here only to spare the wait; the server looks at the content itself.
  if (!PICTURE_TYPES.includes(file.type)) throw new ApiError(422, 'picture_refused', '只支持 JPG、PNG、WebP 图片')
  if (file.size > MOST_BYTES) throw new ApiError(413, 'body_too_large', '图片不能超过 10 MB')
  const response = await send('/api/m/pictures', { method: 'POST', headers: { 'Content-Type': file.type }, body: file })
  return (await response.json()) as UploadedPicture
}
