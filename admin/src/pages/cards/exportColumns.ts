import type { ExportColumn, ExportPictures } from '@/api/types'

/** The columns that an export can have, in the table's order, with its headings. */
export const EXPORT_COLUMNS: Record<ExportColumn, string> = {
  serial: '卡序号',
  number: '卡号',
  password: '密码',
  link: '提货链接',
  qr_file: '二维码文件',
  name: '卡券名称',
  products: '对应商品',
  face_value: '面值（元）',
  valid_from: '有效期开始',
  valid_until: '有效期结束',
  status: '状态',
  uses_total: '可提次数',
  uses_left: '剩余次数',
  distributor: '券商',
  batch: '批次号',
  remark: '备注',
  made_at: '生成时间',
  activated_at: '激活时间',
  redeemed_at: '兑换时间',
}

export const COLUMN_NAMES = Object.keys(EXPORT_COLUMNS) as ExportColumn[]

interface Preset {
  name: string
  label: string
  note: string
  columns: readonly ExportColumn[]
}

export const PRESETS: readonly Preset[] = [
  { name: 'printer', label: '交给印刷厂', note: '卡号、密码和二维码里的提货链接', columns: ['serial', 'number', 'password', 'link', 'name', 'face_value'] },
  {
    name: 'accounts',
    label: '对账统计',
    note: '卡的状态、去向和各个时间，没有密码',
    columns: ['serial', 'number', 'name', 'products', 'face_value', 'valid_until', 'status', 'uses_total', 'uses_left', 'distributor', 'batch', 'remark', 'made_at', 'activated_at', 'redeemed_at'],
  },
  { name: 'numbers', label: '只要卡号', note: '卡序号和卡号', columns: ['serial', 'number'] },
]

export const MOST_CARDS = 1_000_000
export const MOST_PICTURES = 100_000

/** What is really sent: in the table's order, without what may not or can't be had. */
export function columnsOf(chosen: readonly ExportColumn[], pictures: ExportPictures, passwords: boolean): ExportColumn[] {
  return COLUMN_NAMES.filter((name) => {
    if (name === 'password' && !passwords) return false
    if (name === 'qr_file') return pictures !== 'none'
    return chosen.includes(name)
  })
}
