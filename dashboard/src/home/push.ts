// Push notifications on this phone: whether they can be had, and turning them on.

import { RequestError, request } from '../api/request';
import type { Method } from '../api/types';

export type PushState =
  | 'off'
  | 'on'
  | 'denied'
  | 'unsupported'
  /** iOS gives push only to a page that was put on the home screen. */
  | 'install_first'
  /** Service workers need HTTPS. */
  | 'no_tls'
  | 'not_set_up'
  | 'failed'
  /** The gateway did not say whether it knows this phone. */
  | 'unknown';

export async function pushState(): Promise<PushState> {
  if (!window.isSecureContext) return 'no_tls';
  if (
    !('serviceWorker' in navigator) ||
    !('PushManager' in window) ||
    !('Notification' in window)
  ) {
    return isIos() ? 'install_first' : 'unsupported';
  }
  if (Notification.permission === 'denied') return 'denied';
  const registration = await navigator.serviceWorker.getRegistration('/');
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription || Notification.permission !== 'granted') return 'off';
  return (await isKnown(subscription)) ? 'on' : 'off';
}

/** On only where the gateway would really push here: it has this subscription, made with its key. */
async function isKnown(subscription: PushSubscription): Promise<boolean> {
  const [{ key }, methods] = await Promise.all([
    request<{ key: string }>('GET', '/api/v1/push/key'),
    request<Method[]>('GET', '/api/v1/me/methods'),
  ]);
  const made = subscription.options.applicationServerKey;
  const sameKey = made === null || sameBytes(new Uint8Array(made), bytesOf(key));
  return sameKey && methods.some((method) => method.address.includes(subscription.endpoint));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** Asks the reader, the browser and the gateway; the gateway has the subscription when it says `on`. */
export async function turnPushOn(): Promise<PushState> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied';
  try {
    const { key } = await request<{ key: string }>('GET', '/api/v1/push/key');
    const registration = await navigator.serviceWorker.ready;
    const subscription = await subscribe(registration, bytesOf(key));
    await request('POST', '/api/v1/me/push', subscription.toJSON());
    return 'on';
  } catch (error) {
    const isMissing = error instanceof RequestError && error.trouble === 'missing';
    return isMissing ? 'not_set_up' : 'failed';
  }
}

/** A phone keeps a subscription made with another key (as of a gateway set up anew): it goes first. */
async function subscribe(
  registration: ServiceWorkerRegistration,
  key: Uint8Array<ArrayBuffer>,
): Promise<PushSubscription> {
  const options = { userVisibleOnly: true, applicationServerKey: key };
  try {
    return await registration.pushManager.subscribe(options);
  } catch (error) {
    const old = await registration.pushManager.getSubscription();
    if (!old) throw error;
    await old.unsubscribe();
    return registration.pushManager.subscribe(options);
  }
}

/** From base64url, with or without padding. */
export function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, ''));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function isIos(): boolean {
  return (
    /iP(hone|ad|od)/.test(navigator.userAgent) ||
    (navigator.userAgent.includes('Mac') && navigator.maxTouchPoints > 1)
  );
}
