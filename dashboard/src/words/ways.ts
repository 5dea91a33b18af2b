// Words about how I am reached.

export const ways = {
  title: { zh: '怎样联系到我', en: 'How I am reached' },
  what: {
    zh: '每种方式都请试一次：消息真的到了您手里，才算数。',
    en: 'Try each of them once: a way counts once something really arrived by it.',
  },
  none: {
    zh: '没有任何方式能联系到您。请管理员登记，或者打开这部手机的通知。',
    en: 'There is no way to reach you. Ask the administrator, or switch on notifications on this phone.',
  },
  test: { zh: '现在试一试', en: 'Test it now' },
  tested: {
    zh: '测试已发出。到了吗？',
    en: 'A test is on its way. Did it arrive?',
  },
  arrived: { zh: '到了', en: 'It arrived' },
  noted: { zh: '记下了，谢谢。', en: 'Noted. Thank you.' },
  proven: { zh: '好用：{time} 收到过', en: 'works: something arrived at {time}' },
  trial: { zh: '还没有试过', en: 'not tried yet' },
  broken: { zh: '不通：{reason}', en: 'broken: {reason}' },
  not_counted: { zh: '太久没有收到过', en: 'nothing arrived for too long' },
  can_answer: { zh: '可以直接回答', en: 'can be answered' },
  one_way: { zh: '只能看，不能回答', en: 'can’t be answered' },
  none_answerable: {
    zh: '没有一种方式能让您回答。请管理员加一种：电话、短信或带链接的消息。',
    en: 'None of these can be answered. Ask for one that can: a call, a text, or messages with a link.',
  },
  see: { zh: '看看怎样联系到我', en: 'How I am reached' },
};
