/** All that comes after the first page, in one chunk: no waiting, and no failing, between the pages. */
export { default as ScanDialog } from './components/ScanDialog.vue'
export { default as CardPage } from './pages/CardPage.vue'
export { default as ConfirmPage } from './pages/ConfirmPage.vue'
export { default as DonePage } from './pages/DonePage.vue'
export { default as FormPage } from './pages/FormPage.vue'
export { default as ProductPage } from './pages/ProductPage.vue'
