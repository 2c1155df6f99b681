import type { AppointmentRule, PickupSettings, StorefrontSettings } from '@/api/types'

export function look(changes: Partial<StorefrontSettings> = {}): StorefrontSettings {
  return {
    name: '果园提货中心',
    logo_key: null,
    logo_url: null,
    banner_key: null,
    banner_url: null,
    theme_color: '#07C160',
    page_color: '',
    welcome: '',
    announcement: '',
    contact_phone: '',
    contact_hours: '',
    contact_wechat: '',
    jump_url: '',
    texts: { enter: '', choose: '', form: '', confirm: '', done: '' },
    ...changes,
  }
}

export function pickup(changes: Partial<PickupSettings> = {}): PickupSettings {
  return {
    open: true,
    closed_notice: '',
    paused: false,
    pause_notice: '',
    resumes_on: null,
    address_correction: true,
    date_correction: true,
    undeliverable: [],
    undeliverable_note: '',
    ...changes,
  }
}

export function rule(changes: Partial<AppointmentRule> = {}): AppointmentRule {
  return {
    mode: 'none',
    required: false,
    earliest_days: 1,
    latest_days: 30,
    cutoff: null,
    first: null,
    last: null,
    closed_dates: [],
    extra_dates: [],
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    quota: null,
    product_quotas: [],
    product_lead_days: [],
    region_lead_days: [],
    note: '',
    ...changes,
  }
}
