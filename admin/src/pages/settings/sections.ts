export type SectionName = 'storefront' | 'pickup' | 'appointments'

interface Section {
  name: SectionName
  label: string
  note: string
}

export const SECTIONS: readonly [Section, ...Section[]] = [
  { name: 'storefront', label: '提货前台', note: '前台兑换页的样子、文案和联系方式' },
  { name: 'pickup', label: '提货设置', note: '能不能提货、提货后能不能改、哪些地方不发货' },
  { name: 'appointments', label: '预约发货', note: '顾客能选哪些日期发货，每天最多发多少' },
]
