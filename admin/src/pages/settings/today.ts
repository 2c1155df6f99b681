const two = (n: number) => String(n).padStart(2, '0')

export function isoDay(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** A day so many days after another, both YYYY-MM-DD. */
export function plusDays(day: string, days: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return isoDay(new Date(year, month - 1, date + days))
}

/** The day it is for whoever looks at the screen. */
export function today(): string {
  return isoDay(new Date())
}
