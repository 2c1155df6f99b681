import purgeCSSPlugin from '@fullhuman/postcss-purgecss'
import vue from '@vitejs/plugin-vue'
import pxtorem from 'postcss-pxtorem'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { budget } from './budget'
import { oldBrowsers } from './old-browsers'

const SERVER = process.env.TIHUO_DEV_SERVER ?? 'http://127.0.0.1:8000'

/** In production the server answers /c/… with index.html; the dev server needs to be told. */
const storefrontPaths: Plugin = {
  name: 'tihuo:storefront-paths',
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      if (request.url?.startsWith('/c/')) request.url = '/h5/'
      next()
    })
  },
}

export default defineConfig(({ command }) => ({
  base: '/h5/',
  plugins: [vue(), storefrontPaths, oldBrowsers(), budget(60)],
  // Chrome 66 lacks `globalThis`, which openapi-fetch uses; syntax is lowered by the target, names are not.
  define: {
    ...(command === 'build' ? { globalThis: 'window' } : {}),
    // Every component is <script setup>.
    __VUE_OPTIONS_API__: 'false',
  },
  // The divisions of China are all Chinese characters: unescaped they are a third smaller.
  esbuild: { charset: 'utf8' },
  build: {
    // Old WeChat web views (X5, iOS 12) and smart TVs: the oldest that know modules and dynamic import.
    target: ['es2018', 'chrome66', 'safari12', 'firefox67'],
    cssTarget: ['chrome66', 'safari12', 'firefox67'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  css: {
    postcss: {
      plugins: [
        // WeUI is 23 kB gzipped; only what the templates name is kept.
        purgeCSSPlugin({
          content: ['index.html', 'src/**/*.vue', 'src/**/*.ts'],
          variables: true,
          keyframes: true,
          // Named by a template string.
          safelist: [/^order__status_/, /^calendar__from_/, /^steps__one_/],
        }),
        // WeUI measures in px; in rem the whole page grows with the root's type on a television.
        pxtorem({ rootValue: 16, propList: ['*'], minPixelValue: 2, mediaQuery: false }),
      ],
    },
  },
  server: { host: '127.0.0.1', proxy: { '/api': SERVER, '/files': SERVER } },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'https://shop.test/c/demo' } },
    include: ['tests/**/*.test.ts'],
    css: false,
    restoreMocks: true,
  },
}))
