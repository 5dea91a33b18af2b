// Words that every page uses.

export const common = {
  product: { zh: '更夫', en: 'Gengfu' },
  switch_language: { zh: 'English', en: '中文' },
  loading: { zh: '正在打开…', en: 'Opening…' },
  sending: { zh: '正在发送…', en: 'Sending…' },
  try_again: { zh: '再试一次', en: 'Try again' },
  back: { zh: '返回', en: 'Back' },
  cancel: { zh: '取消', en: 'Cancel' },
  call: { zh: '拨打 {number}', en: 'Call {number}' },
  out_of_touch: { zh: '与网关失去联系', en: 'Out of touch with the gateway' },
  out_of_touch_since: {
    zh: '下面是 {time} 的情况，可能已经变了。正在不断重试。',
    en: 'What you see is from {time} and may have changed. Trying again all the time.',
  },
  part_missing: {
    zh: '这一部分没有打开。请再试一次。',
    en: 'This part did not open. Please try again.',
  },
  signed_out: {
    zh: '登录已经结束，没有保存。请重新登录，然后再按一次。',
    en: 'You were signed out, and nothing was saved. Sign in again, then press again.',
  },
  not_sent: {
    zh: '没有发出去：连不上网关。请看看手机有没有信号，然后再按一次。',
    en: "Not sent: the gateway can't be reached. Check that your phone has a signal, then press again.",
  },
  not_done: {
    zh: '没有成功。请再按一次。',
    en: 'That did not work. Please press again.',
  },
  too_often: {
    zh: '试得太频繁了。请等一分钟再试。',
    en: 'Too many tries. Wait a minute, then try again.',
  },
  forbidden: { zh: '您没有权限做这件事。', en: "You aren't allowed to do this." },
  page_missing: { zh: '没有这个页面', en: 'There is no such page' },
  go_home: { zh: '回首页', en: 'Go to the first page' },
};
