// Words on labels to stick beside buttons and boards, and about them.

export const labels = {
  what: {
    zh: '贴在按钮或板子旁边。扫码打开这台设备的页面；码里没有密码，打开要登录。',
    en: 'To stick beside a button or a board. The code opens the page of that device; there is no secret in it, and the page wants a sign-in.',
  },
  none: { zh: '还没有设备。', en: 'There are no devices yet.' },
  nothing_here: { zh: '这里没有设备。', en: 'There is no device here.' },
  where: { zh: '哪里的设备', en: 'Devices where' },
  everywhere: { zh: '全部', en: 'Everywhere' },
  which: { zh: '印哪些', en: 'Which to print' },
  chosen: { zh: '选了 {count} 张', en: '{count} chosen' },
  all: { zh: '全选', en: 'All' },
  nobody: { zh: '全不选', en: 'None' },
  size: { zh: '大小', en: 'Size' },
  small: { zh: '小：每页 21 张', en: 'Small: 21 a page' },
  medium: { zh: '中：每页 10 张', en: 'Medium: 10 a page' },
  large: { zh: '大：每页 4 张', en: 'Large: 4 a page' },
  print: { zh: '打印', en: 'Print' },
  no_address: {
    zh: '网关没有设 public_url，码里用的是您现在的地址 {address}。请先确认别人的手机也能打开它。',
    en: 'The gateway has no public_url: the codes have the address that you use now, {address}. See first that other phones reach it.',
  },
  code: { zh: '二维码：{address}', en: 'QR code: {address}' },
};
