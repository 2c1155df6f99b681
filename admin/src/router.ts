import { whenSignedOut } from '@/api/client'
import type { Permission } from '@/api/types'
import { setPageTitle } from '@/live/title'
import { leave } from '@/session/leave'
import { safeNext } from '@/session/next'
import { useSession } from '@/session/store'
import type { QueryClient } from '@tanstack/vue-query'
import { createRouter, createWebHistory, type Router, type RouteRecordRaw } from 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    title?: string
    permission?: Permission
    /** Open to people who have not signed in. */
    open?: boolean
  }
}

export const routes: RouteRecordRaw[] = [
  { path: '/sign-in', name: 'sign-in', component: () => import('@/session/SignInPage.vue'), meta: { title: '登录', open: true } },
  {
    path: '/',
    component: () => import('@/layout/AppLayout.vue'),
    children: [
      { path: '', name: 'home', component: () => import('@/pages/home/HomePage.vue'), meta: { title: '首页' } },
      { path: 'storefront', name: 'storefront', component: () => import('@/pages/storefront/StorefrontPage.vue'), meta: { title: '提货前台' } },
      { path: 'products', name: 'products', component: () => import('@/pages/products/ProductsPage.vue'), meta: { title: '提货商品', permission: 'products' } },
      { path: 'products/new', name: 'product-new', component: () => import('@/pages/products/ProductPage.vue'), meta: { title: '添加商品', permission: 'products' } },
      { path: 'products/:id(\\d+)', name: 'product', component: () => import('@/pages/products/ProductPage.vue'), meta: { title: '编辑商品', permission: 'products' } },
      { path: 'cards/new', name: 'cards-new', component: () => import('@/pages/cards/MakeCardsPage.vue'), meta: { title: '创建卡券', permission: 'cards' } },
      { path: 'cards', name: 'cards', component: () => import('@/pages/cards/CardsPage.vue'), meta: { title: '卡券列表', permission: 'cards' } },
      { path: 'cards/:id(\\d+)', name: 'card', component: () => import('@/pages/cards/CardPage.vue'), meta: { title: '卡券', permission: 'cards' } },
      { path: 'cards/import', name: 'cards-import', component: () => import('@/pages/imports/ImportPage.vue'), meta: { title: '卡券导入', permission: 'cards' } },
      { path: 'batches', name: 'batches', component: () => import('@/pages/cards/BatchesPage.vue'), meta: { title: '批次', permission: 'cards' } },
      { path: 'distributors', name: 'distributors', component: () => import('@/pages/distributors/DistributorsPage.vue'), meta: { title: '券商管理', permission: 'cards' } },
      { path: 'guessing', name: 'guessing', component: () => import('@/pages/guessing/GuessingPage.vue'), meta: { title: '猜密防护', permission: 'cards' } },
      { path: 'counter', name: 'counter', component: () => import('@/pages/counter/CounterPage.vue'), meta: { title: '到店提货', permission: 'redeeming' } },
      { path: 'jobs', name: 'jobs', component: () => import('@/pages/jobs/JobsPage.vue'), meta: { title: '任务' } },
      { path: 'orders', name: 'orders', component: () => import('@/pages/orders/OrdersPage.vue'), meta: { title: '订单列表', permission: 'orders' } },
      { path: 'staff', name: 'staff', component: () => import('@/pages/staff/StaffPage.vue'), meta: { title: '管理员', permission: 'staff' } },
      { path: 'settings', redirect: '/settings/storefront' },
      {
        path: 'settings/:section(storefront|pickup|appointments)',
        name: 'settings',
        component: () => import('@/pages/settings/SettingsPage.vue'),
        meta: { title: '全局设置', permission: 'settings' },
      },
      { path: ':rest(.*)*', name: 'missing', component: () => import('@/layout/MissingPage.vue'), meta: { title: '没有这个页面' } },
    ],
  },
]

export function makeRouter(queries: QueryClient): Router {
  const router = createRouter({
    history: createWebHistory(import.meta.env.BASE_URL),
    routes,
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
  })

  router.beforeEach(async (to) => {
    const session = useSession()
    if (!session.known) {
      try {
        await session.load()
      } catch {
        // No network: the layout says so and offers to try again.
        return true
      }
    }
    if (to.meta.open) return session.signedIn ? safeNext(to.query['next']) : true
    if (!session.signedIn) return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
    return true
  })

  router.afterEach((to) => setPageTitle(to.meta.title ?? ''))

  // A page whose file is gone was built anew meanwhile; the fresh index knows the new names. Once only: it may be the network.
  router.onError((_error, to) => {
    if (sessionStorage.getItem('reloaded-for') === to.fullPath) return
    sessionStorage.setItem('reloaded-for', to.fullPath)
    window.location.assign(router.resolve(to.fullPath).href)
  })

  whenSignedOut(() => {
    // Before the first page is shown the guard itself decides.
    if (useSession().signedIn) leave(router, queries)
  })
  return router
}
