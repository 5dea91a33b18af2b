import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
let dist: string;

// As `npm run build` does, in a process of its own: inside a test, Vite would build for tests.
beforeAll(() => {
  dist = mkdtempSync(join(tmpdir(), 'gengfu-dashboard-'));
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync(process.execPath, [vite, 'build', '--outDir', dist, '--logLevel', 'error'], {
    cwd: root,
    env,
  });
}, 60_000);

afterAll(() => rmSync(dist, { recursive: true, force: true }));

const read = (name: string): string => readFileSync(join(dist, name), 'utf8');
const assets = (ending: string): string[] =>
  readdirSync(join(dist, 'assets')).filter((name) => name.endsWith(ending));

describe('what is built', () => {
  // A quarter of what a volunteer's phone may be asked to fetch (200 KB). What to do first and which flats need
  // help are in it: they must not hang on a second request. So are the site's clock, and where the reader was
  // on the page before.
  it("brings the volunteer's page in under 46 KB, scripts and styles together", () => {
    const page = read('index.html');
    const files = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((m) => m[1] ?? '');
    expect(files.some((name) => name.endsWith('.js'))).toBe(true);
    expect(files.some((name) => name.endsWith('.css'))).toBe(true);
    const bytes = files.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
    expect(bytes).toBeLessThan(46_000);
  });

  it('keeps to a content security policy of default-src self', () => {
    const page = read('index.html');
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/);
    for (const name of assets('.js')) {
      const code = read(`assets/${name}`);
      // Templates become elements by way of innerHTML, where a style attribute would be refused.
      expect(code, name).not.toMatch(/<\w+[^>`'"]*\sstyle="/);
      expect(code, name).not.toMatch(/\bnew Function\(|\beval\(/);
    }
    for (const name of assets('.css'))
      expect(read(`assets/${name}`)).not.toMatch(/url\((?!["']?\/)/);
  });

  it('has a service worker that stands alone and knows every file of the shell', () => {
    const worker = read('sw.js');
    expect(worker).not.toMatch(/\bimport\b|__SHELL__/);
    const named = [...worker.matchAll(/\/assets\/[\w.-]+/g)].map((m) => m[0]);
    const built = readdirSync(join(dist, 'assets')).map((name) => `/assets/${name}`);
    // The maintainer's pages are for a desk: no volunteer's phone keeps them.
    const left = built.filter((name) => !named.includes(name));
    const isUpkeep = (name: string): boolean => /^\/assets\/(Upkeep|Page|Chart)[-.]/.test(name);
    expect(left.filter((name) => !isUpkeep(name))).toEqual([]);
    expect(left.some(isUpkeep)).toBe(true);
    expect(named.filter((name) => !built.includes(name) || isUpkeep(name))).toEqual([]);
    for (const name of ['icon.svg', 'icon-192.png', 'icon-512.png', 'manifest.webmanifest']) {
      expect(existsSync(join(dist, name)), name).toBe(true);
    }
  });
});

describe('what is locked', () => {
  it('names no host that packages come from', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(
      /"resolved"|https?:\/\/registry/,
    );
  });
});
