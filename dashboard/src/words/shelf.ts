// Words of setting an alarm aside, and of bringing it back.

export const shelf = {
  shelve: { zh: '搁置', en: 'Set aside' },
  unshelve: { zh: '取回', en: 'Bring it back' },
  title: { zh: '搁置「{name}」', en: 'Set “{name}” aside' },
  what: {
    zh: '到时间之前，它不再叫人；没有别的报警的事件随之结束。到时间如果它还在，就重新叫人。',
    en: 'Until then it calls nobody, and an incident with no other alarm ends. If it still stands at the end, people are called again.',
  },
  until_when: { zh: '搁置到什么时候', en: 'Until when' },
  hour: { zh: '1 小时', en: '1 hour' },
  hours: { zh: '4 小时', en: '4 hours' },
  morning: { zh: '到明天早上 8 点', en: 'until 8 tomorrow morning' },
  days: { zh: '{count} 天', en: '{count} days' },
  back_at: { zh: '{time} 自动取回', en: 'Back by itself at {time}' },
  shelved_until: { zh: '{name} 搁置到 {time}', en: 'set aside by {name} until {time}' },
  gateway: { zh: '网关', en: 'the gateway' },
  vital: {
    zh: '火警和困人不能搁置。要维修，请停用这个设备。',
    en: "Fire and trapped people can't be set aside. For maintenance, take the device out of service.",
  },
  list: { zh: '搁置的报警', en: 'Alarms set aside' },
  none: { zh: '没有搁置的报警。', en: 'No alarm is set aside.' },
  gone: { zh: '这个报警已经没有了。', en: 'This alarm is gone.' },
  bad_end: {
    zh: '时间不对：要在以后，最多 30 天。',
    en: 'That end is not possible: it lies ahead, at most 30 days from now.',
  },
};
