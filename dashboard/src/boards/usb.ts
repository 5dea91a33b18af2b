// As much of WebUSB (https://wicg.github.io/webusb/) as writing a board takes.

export interface Endpoint {
  endpointNumber: number;
  direction: 'in' | 'out';
  type: string;
}

export interface Interface {
  interfaceNumber: number;
  alternate: { interfaceClass: number; endpoints: Endpoint[] };
}

export interface Setup {
  requestType: 'standard' | 'vendor';
  recipient: 'interface' | 'endpoint';
  request: number;
  value: number;
  index: number;
}

type Status = 'ok' | 'stall' | 'babble';

export interface Device {
  productId: number;
  configuration: { interfaces: Interface[] } | null;
  open(): Promise<void>;
  close(): Promise<void>;
  selectConfiguration(value: number): Promise<void>;
  claimInterface(number: number): Promise<void>;
  clearHalt(direction: 'in' | 'out', endpoint: number): Promise<void>;
  transferIn(endpoint: number, length: number): Promise<{ status?: Status; data?: DataView }>;
  transferOut(endpoint: number, data: BufferSource): Promise<{ status?: Status }>;
  controlTransferIn(setup: Setup, length: number): Promise<{ status?: Status; data?: DataView }>;
  controlTransferOut(setup: Setup): Promise<{ status?: Status }>;
}

interface Bus {
  requestDevice(options: { filters: { vendorId: number; productId: number }[] }): Promise<Device>;
}

/** Raspberry Pi, whose chips' boot loaders these are. */
const VENDOR = 0x2e8a;

function bus(): Bus | null {
  const found: unknown = Reflect.get(navigator, 'usb');
  return typeof found === 'object' ? (found as Bus | null) : null;
}

/** True where this browser lets a page speak with what is plugged in. */
export function hasUsb(): boolean {
  return bus() !== null;
}

/** Asks the person which board it is; nothing where they chose none. */
export async function chooseDevice(product: number): Promise<Device | null> {
  try {
    const filters = [{ vendorId: VENDOR, productId: product }];
    return (await bus()?.requestDevice({ filters })) ?? null;
  } catch {
    return null;
  }
}
