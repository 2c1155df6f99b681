import { flushPromises, mount } from '@vue/test-utils'
import type { Mode } from '../src/redeem/draft'
import { createRedeem, redeemKey } from '../src/redeem/state'
import { createRouter, routerKey } from '../src/router'
import App from '../src/App.vue'
import { storefront, type fakeApi } from './fixtures'

/** The whole app on jsdom's history and session storage. */
export async function mountApp(api: ReturnType<typeof fakeApi>, linkNumber = '', mode: Mode = 'own') {
  const redeem = createRedeem({ slug: 'demo', linkNumber, api, storage: sessionStorage, lasting: () => localStorage, mode })
  await redeem.loadStorefront(storefront)
  const router = createRouter(window)
  const app = mount(App, { attachTo: document.body, global: { provide: { [redeemKey]: redeem, [routerKey]: router } } })
  await flushPromises()
  return { app, redeem, router }
}
