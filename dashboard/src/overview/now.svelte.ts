// What of a device and of a point changes from one second to the next. Each is a cell of its own, so that
// a change among thousands draws one value anew and nothing else.

import type { DeviceView, LiveDevice, LivePoint, PointView } from '../api/types';

export class DeviceNow {
  now = $state.raw<LiveDevice>() as LiveDevice;

  constructor(device: DeviceView) {
    this.now = {
      id: device.id,
      presence: device.presence,
      heard_at: device.heard_at,
      out_of_service: device.out_of_service !== null,
      tested_until: null,
      alarms: device.alarms.length,
      priority: null,
    };
  }
}

export class PointNow {
  readonly point: PointView;
  now = $state.raw<LivePoint>() as LivePoint;

  constructor(point: PointView) {
    this.point = point;
    const { id, value, word, no_data, received_at } = point;
    this.now = { id, value, word, no_data, received_at };
  }
}
