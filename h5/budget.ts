import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Fails the build when the first load (what index.html names) grows past the limit: the promise to slow phones. */
export function budget(limitKb: number): Plugin {
  return {
    name: 'tihuo:budget',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      let bytes = 0
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk' || !file.isEntry) continue
        const names = [file.fileName, ...file.imports, ...(file.viteMetadata?.importedCss ?? [])]
        for (const name of names) {
          const part = bundle[name]
          if (part) bytes += gzipSync(part.type === 'chunk' ? part.code : part.source, { level: 9 }).length
        }
      }
      const used = `first load ${(bytes / 1000).toFixed(1)} kB gzipped, limit ${limitKb} kB`
      if (bytes > limitKb * 1000) this.error(used)
      this.info(used)
    },
  }
}
