import type { Receiver, SplitAddress } from '../api/types'
import { LIMITS } from './validation'

type Part = SplitAddress['missing'][number]

export interface Line {
  label: string
  text: string
  /** What the reader should know of it. */
  mark: '' | '没有识别到' | '请核对'
}

export interface Fill {
  receiver: Receiver
  remark: string
}

/** What was read, as it is shown before it goes into the form. */
export function linesOf(read: SplitAddress): Line[] {
  const mark = (...parts: Part[]) =>
    parts.some((part) => read.missing.includes(part)) ? '没有识别到' as const
    : parts.some((part) => read.unsure.includes(part)) ? '请核对' as const
    : '' as const
  const city = read.city === read.province ? '' : read.city
  const more = extensionOf(read) || (read.mobile === '' ? '' : phoneOf(read))
  return [
    { label: '收货人', text: read.name, mark: mark('name') },
    { label: '手机号', text: [read.mobile, more].filter(Boolean).join(' '), mark: mark('mobile') },
    { label: '所在地区', text: [read.province, city, read.district].filter(Boolean).join(' '), mark: mark('province', 'city', 'district') },
    { label: '详细地址', text: read.address, mark: mark('address') },
    ...(read.mobile === '' && read.phone !== '' ? [{ label: '其他电话', text: read.phone, mark: '' as const }] : []),
  ]
}

function extensionOf(read: SplitAddress): string {
  return read.extension ? `转 ${read.extension}` : ''
}

function phoneOf(read: SplitAddress): string {
  return read.phone ? `另有电话 ${read.phone}` : ''
}

/**
 * The form with what was read put in. `all`: also where something is typed already. What must be dialled after a
 * virtual number goes to the end of the address, where the courier sees it; what finds no room there, and a second
 * number, into the remark.
 */
export function filled(form: Fill, read: SplitAddress, all: boolean): Fill {
  const { receiver } = form
  const put = (old: string, found: string) => (found !== '' && (all || old.trim() === '') ? found : old)
  const regionIn = read.province !== '' && (all || receiver.province === '')
  const next: Receiver = {
    name: put(receiver.name, read.name),
    mobile: put(receiver.mobile, read.mobile),
    ...(regionIn
      ? { province: read.province, city: read.city, district: read.district, region_code: read.region_code || null }
      : { province: receiver.province, city: receiver.city, district: receiver.district, region_code: receiver.region_code ?? null }),
    address: put(receiver.address, read.address),
  }
  let remark = form.remark
  const extension = next.mobile === read.mobile ? extensionOf(read) : ''
  if (extension && !next.address.includes(extension) && !remark.includes(extension)) {
    const longer = `${next.address}（电话${extension}）`
    if (next.address !== '' && Array.from(longer).length <= LIMITS.address) next.address = longer
    else remark = added(remark, `收货电话${extension}`)
  }
  if (read.phone !== '' && !remark.includes(read.phone)) remark = added(remark, phoneOf(read))
  return { receiver: next, remark }
}

function added(remark: string, words: string): string {
  const longer = remark.trim() === '' ? words : `${remark.trim()}；${words}`
  return Array.from(longer).length <= LIMITS.remark ? longer : remark
}

/** Whether filling only what is empty would leave out something that was read. */
export function conflicts({ receiver }: Fill, read: SplitAddress): boolean {
  const differs = (old: string, found: string) => found !== '' && old.trim() !== '' && old.trim() !== found
  return differs(receiver.name, read.name) || differs(receiver.mobile, read.mobile)
    || differs(receiver.address, read.address)
    || (receiver.province !== '' && read.province !== '' && receiver.region_code !== read.region_code)
}
