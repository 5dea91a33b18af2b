// Why the gateway did not do what was asked, by the code of its answer.

export const why = {
  gone: {
    zh: '已经没有了，可能刚被删除。',
    en: 'It is not there any more: it may have been removed.',
  },
  taken: {
    zh: '已经有同名的了，请换一个名字。',
    en: 'There is one of that name already: choose another.',
  },
  changed: {
    zh: '别人刚刚改过这里，您写的还没有保存。请重新打开，再改一次。',
    en: 'Somebody else has changed this meanwhile; yours is not saved. Open it anew and change it again.',
  },
  in_use: {
    zh: '还有别的地方在用，不能删除。',
    en: 'It is still used elsewhere and cannot be removed.',
  },
  ended: { zh: '这个警报已经结束了。', en: 'This alarm is over already.' },
  settled: { zh: '这件事已经有结果了。', en: 'This is settled already.' },
  conflict: { zh: '和现在的情况不符。', en: 'It does not fit how things stand now.' },
  invalid: {
    zh: '填写的内容不能用，请检查。',
    en: 'What you wrote cannot be used. Please check it.',
  },
  not_read: {
    zh: '填写的内容网关读不懂，请检查格式。',
    en: 'The gateway cannot read what you wrote. Please check how it is written.',
  },
  not_now: {
    zh: '网关现在做不了，请过一会儿再试。',
    en: 'Not at the moment. Please try again in a while.',
  },
  bad_span: {
    zh: '等多久要写成 45s、3m 或 1h 30m 这样。',
    en: 'Write how long to wait as 45s, 3m or 1h 30m.',
  },
  bad_hours: {
    zh: '时间段要写成 22:00-06:00 这样。',
    en: 'Write the hours as 22:00-06:00.',
  },
  foreign: {
    zh: '这个页面不是从网关的地址打开的，请用网关的地址重新打开。',
    en: "This page was not opened at the gateway's own address. Open it there.",
  },
  gateway_says: { zh: '{why}（网关的说明：{words}）', en: '{why} (The gateway says: {words})' },
};
