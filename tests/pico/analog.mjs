// What hangs at the converter: a supply and a battery behind their dividers, a supervised loop with its
// resistor to the reference, and the chip's own warmth. Where nothing hangs, the pin follows the chip's own
// resistors, and says anything without them.

const FULL = 4095;
const REFERENCE_MV = 3300;
const DIVIDER = 22 / (100 + 22);
const PULL_UP = 4700;
const FIRST_PIN = 26;
const ANYTHING = 2900;

export class Analog {
  constructor() {
    /** By channel, as parts of the reference; none where nothing hangs. */
    this.parts = [null, null, null, null, (706 + (27 - 31.5) * 1.721) / REFERENCE_MV];
  }

  /** `supply 12000`, `battery 12600` in millivolts, `loop 4700` in ohms, `loop cut`, or `… none`. */
  hang(what, value) {
    const at = ['supply', 'battery', 'loop'].indexOf(what);
    if (value === 'none') this.parts[at] = null;
    else if (what !== 'loop') this.parts[at] = Math.min((value * DIVIDER) / REFERENCE_MV, 1);
    else this.parts[at] = value === 'cut' ? 1 : Number(value) / (Number(value) + PULL_UP);
  }

  fit(rp2040) {
    const { adc, gpio } = rp2040;
    adc.onADCRead = (channel) => {
      adc.currentChannel = channel;
      adc.channelValues[channel] = this.counts(channel, gpio[FIRST_PIN + channel]);
      adc.sampleAlarm.schedule(adc.sampleTime * 1000);
    };
  }

  counts(channel, pin) {
    const part = this.parts[channel];
    if (part !== null) return Math.round(part * FULL);
    if (pin.pullupEnabled) return FULL;
    return pin.pulldownEnabled ? 0 : ANYTHING;
  }
}
