// What a list is sifted by, as a query of the gateway's and of the page's own address.

import { midnight } from '../time/midnight';
import { EVERYTHING, type Sift } from './list.svelte';

/** As the gateway is asked; days begin at midnight by the site's clock, and the last one is included. */
export function queryOf(sift: Sift, zone: string): string {
  const query = new URLSearchParams();
  if (sift.open) query.set('open', sift.open);
  if (sift.danger) query.set('danger', sift.danger);
  if (sift.place) query.set('place', sift.place);
  const from = midnight(sift.from, zone);
  if (from !== null) query.set('from', new Date(from).toISOString());
  const to = midnight(sift.to, zone, 1);
  if (to !== null) query.set('to', new Date(to).toISOString());
  return query.toString();
}

/** As it stands in the address, so that it can be kept and sent on. */
export function searchOf(sift: Sift): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(sift)) if (value) search.set(key, value);
  const text = search.toString();
  return text ? `?${text}` : '';
}

export function siftOf(search: string): Sift {
  const given = new URLSearchParams(search);
  const sift = { ...EVERYTHING };
  for (const key of Object.keys(sift) as (keyof Sift)[]) {
    const value = given.get(key);
    if (value) Object.assign(sift, { [key]: value });
  }
  return sift;
}
