import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/** Where the maintainer's pages begin: a phone that only answers alarms keeps none of them. */
const UPKEEP = /\/src\/upkeep\/Upkeep\.svelte$/;

/**
 * Writes into the service worker which files make up the shell, and a version that changes with
 * them. The names carry hashes, so only the build knows them.
 */
function shellList(): Plugin {
  return {
    name: 'shell-list',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const worker = bundle['sw.js'];
        if (worker?.type !== 'chunk') {
          this.error('sw.js is not in the bundle: see rollupOptions.input in vite.config.ts');
        }
        if (worker.imports.length > 0) {
          this.error(`sw.js must stand alone, but imports ${worker.imports.join(', ')}`);
        }
        const shell = new Set<string>();
        const walk = (name: string): void => {
          const part = bundle[name];
          if (shell.has(name) || part?.type !== 'chunk') return;
          if (part.facadeModuleId && UPKEEP.test(part.facadeModuleId)) return;
          shell.add(name);
          part.viteMetadata?.importedCss.forEach((css) => shell.add(css));
          [...part.imports, ...part.dynamicImports].forEach(walk);
        };
        for (const part of Object.values(bundle)) {
          if (part.type === 'chunk' && part.isEntry && part !== worker) walk(part.fileName);
        }
        const files = [...shell].sort().map((name) => `/${name}`);
        const mark = /(["'`])__SHELL__\1/;
        if (!mark.test(worker.code)) this.error('sw.js has no place for the list of shell files');
        worker.code = worker.code.replace(mark, () => JSON.stringify(JSON.stringify(files)));
      },
    },
  };
}

export default defineConfig({
  plugins: [svelte(), shellList()],
  build: {
    // Phones of 2020 and the web views of that age.
    target: ['chrome88', 'safari14', 'firefox85', 'edge88'],
    cssTarget: ['chrome88', 'safari14'],
    // The content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { index: 'index.html', sw: 'src/sw/sw.ts' },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
