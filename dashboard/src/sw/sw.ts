// The service worker: shows what is pushed, says that it arrived, and keeps the pages' shell so that
// they open without the gateway. It stands alone: it imports nothing but a list, so that it is one plain file.

/// <reference lib="webworker" />

import drawn from '../drawn.json';

const scope = self as unknown as ServiceWorkerGlobalScope;

/** The shell's files as a JSON list; the build writes it in (see vite.config.ts). */
const SHELL = JSON.parse('__SHELL__') as string[];
const PAGE = '/index.html';
/** A gateway that takes longer to give its page is taken for one that can't be reached. */
const PATIENCE_MS = 3_000;
const CACHE = `shell-${sumOf(SHELL.join())}`;

/** What the gateway pushes (version 1), as far as it is used here. */
interface Pushed {
  title: string;
  body: string;
  lang?: string;
  /** Where a tap leads. */
  link?: string | null;
  /** Where it is told that this arrived. */
  receipt?: string | null;
  /** A later message with the same tag takes the place of this one. */
  tag?: string;
  /** Somebody is in danger and is asked for: stays on the screen and makes itself felt. */
  loud?: boolean;
}

/** A short name for the shell's state; FNV-1a over the file names, which carry hashes themselves. */
function sumOf(text: string): string {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return sum.toString(16);
}

scope.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll([...SHELL, '/icon.svg', '/manifest.webmanifest']);
      const page = await fetch('/', { cache: 'no-store' });
      if (page.ok) await cache.put(PAGE, page);
      await scope.skipWaiting();
    })(),
  );
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith('shell-') && name !== CACHE) await caches.delete(name);
      }
      await scope.registration.navigationPreload?.enable();
      await scope.clients.claim();
    })(),
  );
});

scope.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== scope.location.origin) return;
  if (url.pathname.startsWith('/assets/')) event.respondWith(keptFirst(event.request));
  else if (event.request.mode === 'navigate' && isPage(url.pathname)) {
    event.respondWith(pageOf(event));
  }
});

/** A path of these pages; the gateway's own pages (as /ca) are not kept. */
function isPage(path: string): boolean {
  return path === '/' || drawn.includes(path.split('/')[1] ?? '');
}

/** Files with a hash in their name never change. */
async function keptFirst(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** The page from the gateway; from the shell where that does not answer soon. */
async function pageOf(event: FetchEvent): Promise<Response> {
  const fresh = freshPage(event);
  const late = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  try {
    const page = await Promise.race([fresh, late]);
    if (page?.ok) return page;
    return (await caches.match(PAGE)) ?? (await fresh);
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

/** The browser asked for it already while it was starting this worker, where it can do that. */
async function freshPage(event: FetchEvent): Promise<Response> {
  const preloaded = (await event.preloadResponse) as Response | undefined;
  return preloaded ?? fetch(event.request);
}

scope.addEventListener('push', (event) => {
  const pushed = pushedOf(event.data);
  event.waitUntil(Promise.all([show(pushed), arrived(pushed)]));
});

/** A push that can't be read is still shown: it may be the one that matters. */
function pushedOf(data: PushMessageData | null): Pushed {
  try {
    const read: unknown = data?.json();
    if (typeof read === 'object' && read !== null && 'title' in read && 'body' in read) {
      return read as Pushed;
    }
  } catch {
    // Not JSON.
  }
  return { title: '更夫 Gengfu', body: '有新的警报，请打开查看。Something happened: open to see.' };
}

async function show(pushed: Pushed): Promise<void> {
  const options: NotificationOptions & { vibrate?: number[]; renotify?: boolean } = {
    body: pushed.body,
    icon: '/icon-192.png',
    badge: '/icon-192.png',
    requireInteraction: pushed.loud === true,
    data: { link: pushed.link ?? '/' },
  };
  if (pushed.loud) options.vibrate = [400, 150, 400, 150, 800];
  if (pushed.lang) options.lang = pushed.lang;
  if (pushed.tag) {
    options.tag = pushed.tag;
    options.renotify = true;
  }
  await scope.registration.showNotification(pushed.title, options);
}

/** Tells the gateway that the message is on this phone: in a few tries, reception may be poor. */
async function arrived(pushed: Pushed): Promise<void> {
  if (!pushed.receipt) return;
  // The policy for content allows this origin alone; it is the same gateway under any of its names.
  const receipt = new URL(pushed.receipt, scope.location.origin).pathname;
  for (const wait of [0, 1_000, 4_000, 10_000]) {
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const answer = await fetch(receipt, { method: 'POST', keepalive: true });
      if (answer.ok || (answer.status >= 400 && answer.status < 500)) return;
    } catch {
      // Not reached: once more.
    }
  }
}

scope.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const data = event.notification.data as { link?: string } | null;
  event.waitUntil(openPage(new URL(data?.link ?? '/', scope.location.origin).href));
});

async function openPage(link: string): Promise<void> {
  const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const there = windows.find((client) => client.url === link);
  if (there) await there.focus();
  else await scope.clients.openWindow(link);
}

/** The browser changed its subscription by itself: the gateway must know, or it tells nobody. */
scope.addEventListener('pushsubscriptionchange', (event) => {
  (event as ExtendableEvent).waitUntil(subscribeAnew());
});

async function subscribeAnew(): Promise<void> {
  const answer = await fetch('/api/v1/push/key');
  if (!answer.ok) return;
  const { key } = (await answer.json()) as { key: string };
  const subscription = await scope.registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: key,
  });
  await fetch('/api/v1/me/push', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(subscription.toJSON()),
  });
}
