// The pages as they are shipped, built for a story.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Builds the pages into a folder of their own; where, and how to remove it. */
export function built() {
  const dashboard = join(import.meta.dirname, '../../dashboard');
  const dist = mkdtempSync(join(tmpdir(), 'gengfu-pages-'));
  const vite = join(dashboard, 'node_modules/vite/bin/vite.js');
  const build = [vite, 'build', '--outDir', dist, '--logLevel', 'error'];
  execFileSync(process.execPath, build, { cwd: dashboard, stdio: 'inherit' });
  return { dist, remove: () => rmSync(dist, { recursive: true, force: true }) };
}
