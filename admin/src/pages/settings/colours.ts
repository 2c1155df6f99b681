export const THEME_SWATCHES = [
  ['#07C160', '微信绿'],
  ['#0E7A5F', '茶绿'],
  ['#C0352B', '中国红'],
  ['#C2410C', '橘红'],
  ['#A15C00', '琥珀'],
  ['#1D5FB4', '湖蓝'],
  ['#5B3CC4', '紫'],
  ['#2B2F33', '墨'],
] as const

export const PAGE_SWATCHES = [
  ['#FFFFFF', '白'],
  ['#FFF7E8', '米黄'],
  ['#FDF0EE', '浅红'],
  ['#EEF6F1', '浅绿'],
  ['#EDF3FB', '浅蓝'],
  ['#8C1D18', '深红'],
] as const
