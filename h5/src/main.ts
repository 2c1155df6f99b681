import './styles/index.css'
import { createApp } from 'vue'
import { createApi } from './api/client'
import type { Storefront } from './api/types'
import App from './App.vue'
import { installArrowKeys } from './arrow-keys'
import { installBackKey } from './back-key'
import { deviceId } from './device'
import { parseOrderPath } from './orders/link'
import { parsePath } from './redeem/link'
import { createRedeem, redeemKey } from './redeem/state'
import { createRouter, routerKey } from './router'

/** The server writes the storefront into the page, which spares the first screen a round trip. */
function embeddedStorefront(): Storefront | null {
  try {
    return JSON.parse(document.getElementById('storefront')?.textContent ?? 'null') as Storefront | null
  } catch {
    return null
  }
}

const link = parsePath(location.pathname) ?? { slug: parseOrderPath(location.pathname)?.slug ?? '', number: '' }
const phone = /[?&]by=phone(&|$)/.test(location.search)
const lasting = () => localStorage
const redeem = createRedeem({
  slug: link.slug,
  linkNumber: link.number,
  api: createApi(link.slug, deviceId(lasting)),
  storage: sessionStorage,
  lasting,
  mode: phone ? 'phone' : 'own',
})
void redeem.loadStorefront(embeddedStorefront())
if (phone) void redeem.loadOperator()
const router = createRouter(window)
installArrowKeys(document)
installBackKey(document, router.stepBack)
createApp(App).provide(redeemKey, redeem).provide(routerKey, router).mount('#app')
