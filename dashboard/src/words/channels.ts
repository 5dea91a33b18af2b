// Words about the ways of reaching people.

export const channels = {
  title: { zh: '通知渠道', en: 'Channels' },
  works: { zh: '正常', en: 'Works' },
  fails: { zh: '有问题', en: 'Fails' },
  not_known: { zh: '还不知道通不通', en: 'Not known to work' },
  last_delivery: { zh: '最后送出', en: 'Last delivery' },
  last_test: { zh: '最后测试', en: 'Last test' },
  due_by: { zh: '最晚要通过测试', en: 'To be proven by' },
  reaches: { zh: '通知几个人', en: 'People' },
  test_to: { zh: '测试发给', en: 'Send a test to' },
  test: { zh: '现在测试', en: 'Test it now' },
  sent: { zh: '测试已发出。', en: 'The test is on its way.' },
};
