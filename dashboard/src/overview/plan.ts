// The building as a plan: places inside places, devices where they hang, points at their devices.

import type { DeviceView, PlaceView, PointView, Text } from '../api/types';
import { DeviceNow, PointNow } from './now.svelte';

export interface DeviceNode {
  device: DeviceView;
  now: DeviceNow;
  points: PointNow[];
}

/** Devices at one place. */
export interface Room {
  id: string;
  /** Its name with those around it, but for the outermost. */
  name: Text;
  devices: DeviceNode[];
}

/** An outermost place, with everything inside it. */
export interface Building {
  id: string;
  name: Text;
  rooms: Room[];
}

/** What of the plan is shown: places without devices are not. */
export function planOf(
  places: readonly PlaceView[],
  devices: readonly DeviceView[],
  points: readonly PointView[],
): Building[] {
  const byPlace = new Map(places.map((place) => [place.id, place]));
  const pointsOf = new Map<string, PointNow[]>();
  for (const point of points) {
    const list = pointsOf.get(point.device);
    if (list) list.push(new PointNow(point));
    else pointsOf.set(point.device, [new PointNow(point)]);
  }
  const buildings = new Map<string, Building>();
  const rooms = new Map<string, Room>();
  for (const device of devices) {
    let room = rooms.get(device.place);
    if (!room) {
      const chain = around(device.place, byPlace);
      const outermost = chain[chain.length - 1];
      const id = outermost?.id ?? device.place;
      let building = buildings.get(id);
      if (!building) {
        building = { id, name: outermost?.name ?? device.place_name, rooms: [] };
        buildings.set(id, building);
      }
      room = { id: device.place, name: inner(chain), devices: [] };
      building.rooms.push(room);
      rooms.set(device.place, room);
    }
    room.devices.push({
      device,
      now: new DeviceNow(device),
      points: pointsOf.get(device.id) ?? [],
    });
  }
  const byId = (a: { id: string }, b: { id: string }): number =>
    a.id.localeCompare(b.id, 'en', { numeric: true });
  const all = [...buildings.values()].sort(byId);
  for (const building of all) building.rooms.sort(byId);
  return all;
}

/** A place and those around it, innermost first. */
function around(id: string, places: ReadonlyMap<string, PlaceView>): PlaceView[] {
  const chain: PlaceView[] = [];
  let place = places.get(id);
  while (place && !chain.includes(place)) {
    chain.push(place);
    place = place.inside ? places.get(place.inside) : undefined;
  }
  return chain;
}

/** The names of a chain but for the outermost, outer ones first; empty for the outermost itself. */
function inner(chain: readonly PlaceView[]): Text {
  const names = chain.slice(0, -1).reverse();
  return {
    zh: names.map((place) => place.name.zh || place.name.en).join(' › '),
    en: names.map((place) => place.name.en || place.name.zh).join(' › '),
  };
}
