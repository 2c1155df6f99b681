import './styles/index.css'
import { createApp } from 'vue'
import { createApi } from './api/client'
import type { Storefront } from './api/types'
import App from './App.vue'
import { installArrowKeys } from './arrow-keys'
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

const link = parsePath(location.pathname) ?? { slug: '', number: '' }
const redeem = createRedeem({
  slug: link.slug, linkNumber: link.number, api: createApi(link.slug), storage: sessionStorage,
})
void redeem.loadStorefront(embeddedStorefront())
installArrowKeys(document)
createApp(App).provide(redeemKey, redeem).provide(routerKey, createRouter(window)).mount('#app')
