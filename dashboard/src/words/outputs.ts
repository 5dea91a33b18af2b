// Words about what can be switched in the building.

export const outputs = {
  title: { zh: '开门、鸣笛、开灯', en: 'Gates, sirens and lamps' },
  see: { zh: '开门、鸣笛、开灯', en: 'Gates, sirens and lamps' },
  for_incident: { zh: '为事件 {id} 操作', en: 'For incident {id}' },
  none: { zh: '没有可以操作的设备。', en: 'There is nothing here that can be switched.' },

  // What it is called to switch it, and how it stands.
  gate_on: { zh: '打开', en: 'Open' },
  gate_off: { zh: '关上', en: 'Close' },
  gate_is_on: { zh: '开着', en: 'open' },
  gate_is_off: { zh: '关着', en: 'closed' },
  siren_on: { zh: '鸣响', en: 'Sound it' },
  siren_off: { zh: '停止', en: 'Silence it' },
  siren_is_on: { zh: '正在响', en: 'sounding' },
  siren_is_off: { zh: '没有响', en: 'silent' },
  other_on: { zh: '打开', en: 'Switch on' },
  other_off: { zh: '关掉', en: 'Switch off' },
  other_is_on: { zh: '开着', en: 'on' },
  other_is_off: { zh: '关着', en: 'off' },
  unknown: { zh: '状态不明', en: 'not known how it stands' },

  lost: {
    zh: '设备没有信号，现在不能远程操作。请到现场手动处理。',
    en: 'Its device is not heard: nothing can be switched from here. Do it by hand, on the spot.',
  },
  out_of_service: {
    zh: '设备停用中，可能有人在检修，不能操作。',
    en: 'Its device is out of service: somebody may be working at it.',
  },

  // The question before
  sure: { zh: '要{what}吗：{name}', en: '{what}: {name}?' },
  careful: {
    zh: '请先确认现场安全：没有人或车在门下。',
    en: 'Make sure that it is safe there: nobody and nothing in the way.',
  },
  why: { zh: '原因', en: 'Why?' },
  why_needed: { zh: '请写明原因。', en: 'Say why.' },
  how_long: { zh: '多久？到时会自动恢复。', en: 'For how long? It ends by itself then.' },
  seconds: { zh: '{count} 秒', en: '{count} s' },
  minutes: { zh: '{count} 分钟', en: '{count} min' },
  hours: { zh: '{count} 小时', en: '{count} h' },

  // What became of it
  until: { zh: '到 {time} 为止', en: 'until {time}' },
  pending: { zh: '正在执行…', en: 'being carried out…' },
  done: { zh: '已确认', en: 'confirmed' },
  failed: { zh: '没有成功：{why}', en: 'not done: {why}' },
  unclear: { zh: '结果不明：{why}', en: 'not known whether it was done: {why}' },
  history: { zh: '谁操作过', en: 'Who switched it' },
  by_gateway: { zh: '网关', en: 'the gateway' },
  line: { zh: '{time} {name} 操作：{what}', en: '{time} {name}: {what}' },

  // In an incident's timeline
  did_switch_on: { zh: '{name} 打开了 {output}', en: '{name} switched on {output}' },
  did_switch_off: { zh: '{name} 关掉了 {output}', en: '{name} switched off {output}' },
  the_gateway: { zh: '网关', en: 'The gateway' },

  // What boards show by themselves
  signals: { zh: '现场的指示', en: 'What boards show now' },
  lamp_yellow: { zh: '黄灯：正在呼叫', en: 'yellow lamp: the call is being passed on' },
  lamp_green: { zh: '绿灯：已有人应答', en: 'green lamp: somebody has answered' },
  sounder: { zh: '蜂鸣器在响', en: 'the sounder is on' },
};
